#include "agent/distributions/squashed_gaussian.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>

namespace drover {
namespace {

constexpr double kHalfLog2Pi = 0.9189385332046727;

const Space& Torque() {
  static const auto* const space = new Space(Space::Box({1}, -2, 2));
  return *space;
}

at::Tensor Parameters(double mean, double log_std, at::ScalarType type = at::kFloat) {
  return at::tensor({mean, log_std}, type).view({1, 2});
}

// log π at u = mean, in double: log(1 − tanh²u) = 2 log 2 − 2|u| − 2 log(1 + e^{−2|u|}).
double Exact(double mean, double log_std) {
  const double away = std::abs(mean);
  const double slope = 2 * (std::log(2) - away - std::log1p(std::exp(-2 * away)));
  return -log_std - kHalfLog2Pi - slope - std::log(2.0);
}

TEST(SquashedGaussianTest, TheTailIsExactWhereTheNoiseIsKnown) {
  const SquashedGaussian policy(Torque());
  for (const double u : {0.0, 1.0, 8.0, -8.0, 20.0}) {
    const auto draw = policy.Reparameterize(Parameters(u, -1), at::full({1, 1}, 0.0));
    EXPECT_NEAR(draw.log_prob.item<double>(), Exact(u, -1), 1e-5 * (1 + std::abs(u))) << u;
  }
}

// What PPO relies on: the recorded action has the recorded log-probability.
TEST(SquashedGaussianTest, TheFirstRatioIsOneInTheTail) {
  const SquashedGaussian policy(Torque());
  for (const double mean : {8.0, -8.0, 8.5, 30.0}) {
    for (const double log_std : {-5.0, -1.0, 2.0}) {
      const at::Tensor parameters = Parameters(mean, log_std);
      for (const double uniform : {0.0, 0.3, 0.5, 0.999}) {
        const auto draw = policy.Sample(parameters, at::full({1, 1}, uniform, at::kFloat));
        const double log_prob = policy.LogProb(parameters, draw.action).item<double>();
        EXPECT_TRUE(std::isfinite(log_prob));
        EXPECT_NEAR(draw.log_prob.item<double>(), log_prob, 1e-5 * (1 + std::abs(log_prob)))
            << mean << " " << log_std << " " << uniform;
      }
    }
  }
}

TEST(SquashedGaussianTest, TheBoundsThemselvesAreFinite) {
  const SquashedGaussian policy(Torque());
  const at::Tensor parameters = Parameters(0, 0).set_requires_grad(true);
  const at::Tensor log_prob = policy.LogProb(parameters, at::full({1, 1}, 2.0, at::kFloat));
  EXPECT_TRUE(std::isfinite(log_prob.item<double>()));
  log_prob.sum().backward();
  EXPECT_TRUE(parameters.grad().isfinite().all().item<bool>());
}

TEST(SquashedGaussianTest, TheEntropyIsRightForAnyWidth) {
  const SquashedGaussian policy(Torque());
  for (const double log_std : {-4.0, -1.0, 0.0, 1.0}) {
    // E[log |da/du|] by a fine grid over u.
    const double std = std::exp(log_std);
    double slope = 0;
    constexpr int kPoints = 20001;
    constexpr double kStep = 16.0 / (kPoints - 1);
    for (int i = 0; i < kPoints; ++i) {
      const double z = -8 + kStep * i;
      const double u = std::abs(0.3 + std * z);
      slope += 2 * (std::log(2) - u - std::log1p(std::exp(-2 * u))) *
               std::exp(-z * z / 2 - kHalfLog2Pi) * kStep;
    }
    const double expected = log_std + 0.5 + kHalfLog2Pi + slope + std::log(2.0);
    EXPECT_NEAR(policy.Entropy(Parameters(0.3, log_std)).item<double>(), expected, 0.02) << log_std;
  }
}

}  // namespace
}  // namespace drover
