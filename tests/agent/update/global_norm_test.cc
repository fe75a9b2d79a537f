#include "agent/update/global_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>

namespace drover {
namespace {

at::Tensor Gradient(double first) { return at::tensor({first, 4.0}, at::kFloat); }

TEST(ClipGlobalNormTest, ScalesDownToTheNorm) {
  const at::Tensor gradient = Gradient(3);
  EXPECT_EQ(ClipGlobalNorm(0.5, gradient), 5);
  EXPECT_TRUE(gradient.allclose(at::tensor({0.3, 0.4}, at::kFloat)));
}

TEST(ClipGlobalNormTest, LeavesWhatIsWithinOrUnlimited) {
  for (const double max_norm : {0.0, 5.0, 5.1}) {
    const at::Tensor gradient = Gradient(3);
    EXPECT_EQ(ClipGlobalNorm(max_norm, gradient), 5);
    EXPECT_TRUE(gradient.equal(Gradient(3))) << max_norm;
  }
}

TEST(ClipGlobalNormTest, ANormThatIsNotFiniteScalesNothing) {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    const at::Tensor gradient = Gradient(bad);
    EXPECT_FALSE(std::isfinite(ClipGlobalNorm(0.5, gradient)));
    EXPECT_EQ(gradient[1].item<double>(), 4);
  }
}

}  // namespace
}  // namespace drover
