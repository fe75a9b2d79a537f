#include "agent/distributions/beta.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include "common/random.h"

namespace drover {
namespace {

// A policy that has nearly collapsed onto a bound, or onto a point.
TEST(BetaTest, ExtremesStayFiniteAndWithinTheBounds) {
  const Beta beta(Space::Box({1}, -3, 5));
  Random random({1});
  for (const double alpha : {-40.0, 0.0, 40.0, 1000.0}) {
    for (const double other : {-40.0, 0.0, 1000.0}) {
      const at::Tensor parameters = at::tensor({alpha, other}, at::kFloat).view({1, 2});
      for (int i = 0; i < 100; ++i) {
        const at::Tensor uniform =
            at::tensor({random.UniformFloat(), random.UniformFloat()}).view({1, 2});
        const auto draw = beta.Sample(parameters, uniform);
        EXPECT_GE(draw.action.item<double>(), -3);
        EXPECT_LE(draw.action.item<double>(), 5);
        EXPECT_TRUE(draw.log_prob.isfinite().item<bool>());
      }
    }
  }
}

TEST(BetaTest, TheBoundsThemselvesHaveALogProbability) {
  const Beta beta(Space::Box({1}, -3, 5));
  for (const double action : {-3.0, 5.0}) {
    const at::Tensor parameters = at::full({1, 2}, 2.0, at::kFloat).set_requires_grad(true);
    const at::Tensor log_prob = beta.LogProb(parameters, at::full({1, 1}, action, at::kFloat));
    EXPECT_TRUE(log_prob.isfinite().item<bool>());
    log_prob.sum().backward();
    EXPECT_TRUE(parameters.grad().isfinite().all().item<bool>());
  }
}

TEST(BetaTest, GreedyIsTheMean) {
  const Beta beta(Space::Box({1}, 0, 1));
  // α = 2, β = 1 + softplus(0): α/(α+β).
  const at::Tensor parameters = at::tensor({0.5413248546, 0.0}, at::kDouble);
  EXPECT_NEAR(beta.Mode(parameters).item<double>(), 2 / (3 + 0.6931471806), 1e-6);
}

}  // namespace
}  // namespace drover
