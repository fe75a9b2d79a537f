// What the oracles leave open; they test the values.
#include "agent/returns/q_targets.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(SmoothedActionTest, NoiseIsInUnitsOfHalfTheRange) {
  const ActionScale torque(Space::Box({1}, -2, 2));
  const at::Tensor normal = at::randn({20000, 1});
  const at::Tensor noise = SmoothedAction(torque, at::zeros({20000, 1}), normal, 0.2, 0.5);
  EXPECT_NEAR(noise.std().item<double>(), 0.4, 0.02);
  EXPECT_LE(noise.abs().max().item<double>(), 1);  // c = 0.5 of ±2
  EXPECT_GT(noise.abs().max().item<double>(), 0.99);
}

TEST(SmoothedActionTest, StaysWithinTheBounds) {
  const ActionScale box(Space::Box({2}, {-2, 1}, {2, 4}));
  const at::Tensor action = at::tensor({1.99, 1.01}).expand({500, 2});
  const at::Tensor smoothed = SmoothedAction(box, action, at::randn({500, 2}), 0.2, 0.5);
  EXPECT_LE(smoothed.select(1, 0).max().item<double>(), 2);
  EXPECT_GE(smoothed.select(1, 1).min().item<double>(), 1);
}

}  // namespace
}  // namespace drover
