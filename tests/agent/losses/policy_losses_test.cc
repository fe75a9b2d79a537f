// What the oracles leave open; they test the values and gradients of all losses.
#include "agent/losses/policy_losses.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>

#include "agent/losses/advantage.h"
#include "agent/losses/loss_terms.h"
#include "agent/losses/reduction.h"

namespace drover {
namespace {

at::Tensor Vector(const std::vector<double>& values) { return at::tensor(values, at::kDouble); }

// The gradient of a weight that all steps share.
double Gradient(Reduction::Kind reduction, const at::Tensor& x) {
  const at::Tensor weight = at::tensor({0.5}, at::kDouble).set_requires_grad(true);
  Reduce{reduction}(ValueLoss(x * weight, x)).backward();
  return weight.grad().item<double>();
}

TEST(ReduceTest, WhenTheBatchDoublesASumDoublesTheGradientAndAMeanDoesNot) {
  const at::Tensor one = at::randn({5, 3}, at::kDouble);
  const at::Tensor two = at::cat({one, one}, 1);
  EXPECT_NEAR(Gradient(Reduction::sum, two), 2 * Gradient(Reduction::sum, one), 1e-12);
  EXPECT_NEAR(Gradient(Reduction::mean, two), Gradient(Reduction::mean, one), 1e-12);
  EXPECT_NEAR(Gradient(Reduction::sum, one), 15 * Gradient(Reduction::mean, one), 1e-12);
}

TEST(NormalizeAdvantageTest, OneElementBecomesZero) {
  EXPECT_EQ(NormalizeAdvantage(Vector({7})).item<double>(), 0);
}

// In float32 r − 1 − log r itself is all rounding here.
TEST(KlEstimateTest, KeepsSmallStepsApart) {
  const at::Tensor log_ratio = at::linspace(1e-3, 3e-3, 3, at::kFloat);
  const at::Tensor estimate = KlEstimate(log_ratio);
  for (int64_t i = 0; i < 3; ++i) {
    const double x = log_ratio[i].item<double>();
    EXPECT_NEAR(estimate[i].item<double>(), std::expm1(x) - x, 1e-9);
  }
}

TEST(ClipFractionTest, CountsRatiosOutsideOfTheInterval) {
  EXPECT_EQ(ClipFraction(Vector({0.5, 0.85, 1, 1.15, 30}), 0.2).item<double>(), 0.4);
}

TEST(LossTermsTest, TotalIsTheWeightedSumOfTermsWithoutStatistics) {
  const at::Tensor x = at::tensor({3.0}, at::kDouble).set_requires_grad(true);
  LossTerms loss;
  loss.Add("square", x.square().sum()).Add("linear", x.sum(), -2);
  loss.AddStatistic("cube", x.pow(3).sum());
  EXPECT_EQ(loss.Total().item<double>(), 9 - 2 * 3);
  EXPECT_EQ(loss.Value("linear"), 3);
  EXPECT_EQ(loss.Value("cube"), 27);
  loss.Total().backward();
  EXPECT_EQ(x.grad().item<double>(), 2 * 3 - 2);
  ASSERT_EQ(loss.values().size(), 3u);
  EXPECT_EQ(loss.values()[2].first, "cube");
  for (const auto& [name, value] : loss.values()) EXPECT_FALSE(value.requires_grad()) << name;
}

}  // namespace
}  // namespace drover
