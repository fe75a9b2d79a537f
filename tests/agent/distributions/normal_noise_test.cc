#include "agent/distributions/normal_noise.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>

namespace drover {
namespace {

TEST(NormalFromUniformTest, BothEndsAreFiniteAndOpposite) {
  const at::Tensor ends = NormalFromUniform(at::tensor({0.0F, 1 - 0x1p-24F}));
  EXPECT_LT(ends[0].item<double>(), -5.2);
  EXPECT_GT(ends[0].item<double>(), -5.6);
  EXPECT_EQ(ends[1].item<double>(), -ends[0].item<double>());
}

TEST(NormalFromUniformTest, InvertsTheCumulativeDistribution) {
  const at::Tensor uniform = at::arange(0, 1, 0.001, at::kDouble);
  const at::Tensor normal = NormalFromUniform(uniform);
  for (int64_t i = 1; i < uniform.size(0); i += 37) {
    const double back = 0.5 * std::erfc(-normal[i].item<double>() / std::sqrt(2.0));
    EXPECT_NEAR(back, uniform[i].item<double>(), 1e-7);
  }
}

}  // namespace
}  // namespace drover
