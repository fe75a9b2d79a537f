// What the oracles leave open; they test the values and gradients.
#include "agent/losses/sac_losses.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>

namespace drover {
namespace {

double Step(at::Tensor (*loss)(const at::Tensor&, const at::Tensor&, double), double log_prob) {
  const at::Tensor log_alpha = at::tensor(-3.0, at::kDouble).set_requires_grad(true);
  loss(log_alpha, at::tensor({log_prob}, at::kDouble), -1).mean().backward();
  return -log_alpha.grad().item<double>();
}

TEST(TemperatureTest, AnEntropyBelowTheTargetRaisesIt) {
  for (const auto loss : {TemperatureLoss, PaperTemperatureLoss}) {
    EXPECT_GT(Step(loss, 3), 0);  // entropy -3, target -1
    EXPECT_LT(Step(loss, -2), 0);
  }
}

// log π of the same policy differs between units of action by log volume; so does the target.
TEST(TemperatureTest, TheDefaultTargetIsMeantForUnitActions) {
  EXPECT_EQ(DefaultTargetEntropy(ActionScale(Space::Box({3}, -1, 1))), -3);
  EXPECT_DOUBLE_EQ(DefaultTargetEntropy(ActionScale(Space::Box({2}, {-2, 0}, {2, 1}))),
                   -2 + std::log(2) + std::log(0.5));
}

}  // namespace
}  // namespace drover
