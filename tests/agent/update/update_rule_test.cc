#include "agent/update/update_rule.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace drover {
namespace {

constexpr int64_t kParameters = 37;  // not a multiple of a vector register
constexpr int kUpdates = 60;
constexpr double kRate = 0.01;

Update AdamConfig() {
  Update config;
  config.mutable_adam()->set_beta1(0.9);
  config.mutable_adam()->set_beta2(0.99);
  config.mutable_adam()->set_epsilon(1e-3);
  return config;
}

Update RmsPropConfig(RmsProp::Epsilon::Kind place, double momentum = 0) {
  Update config;
  config.mutable_rmsprop()->set_decay(0.99);
  config.mutable_rmsprop()->set_momentum(momentum);
  config.mutable_rmsprop()->set_epsilon(0.1);
  config.mutable_rmsprop()->set_epsilon_place(place);
  return config;
}

// The state of one parameter, moved by the formulas of the headers.
struct Reference {
  double p, m = 0, v = 0;
  int t = 0;

  void Adam(double g) {
    ++t;
    m = 0.9 * m + 0.1 * g;
    v = 0.99 * v + 0.01 * g * g;
    const double m_hat = m / (1 - std::pow(0.9, t));
    const double v_hat = v / (1 - std::pow(0.99, t));
    p -= kRate * m_hat / (std::sqrt(v_hat) + 1e-3);
  }

  void RmsProp(double g) {  // ε inside, momentum 0.9
    v = 0.99 * v + 0.01 * g * g;
    m = 0.9 * m + g / std::sqrt(v + 0.1);
    p -= kRate * m;
  }
};

// The largest difference from the reference after kUpdates random gradients.
double Difference(const Update& config, void (Reference::*move)(double), at::ScalarType type) {
  at::Tensor parameters = at::randn({kParameters}, type);
  std::vector<Reference> reference;
  for (int64_t i = 0; i < kParameters; ++i) reference.push_back({parameters[i].item<double>()});
  const auto rule = MakeUpdateRule(config, parameters);
  for (int k = 0; k < kUpdates; ++k) {
    const at::Tensor gradient = at::randn({kParameters}, type);
    rule->Apply(parameters, gradient, kRate);
    for (int64_t i = 0; i < kParameters; ++i) (reference[i].*move)(gradient[i].item<double>());
  }
  double largest = 0;
  for (int64_t i = 0; i < kParameters; ++i) {
    largest = std::max(largest, std::abs(parameters[i].item<double>() - reference[i].p));
  }
  return largest;
}

TEST(AdamTest, FollowsThePaper) {
  EXPECT_LT(Difference(AdamConfig(), &Reference::Adam, at::kDouble), 1e-6);
  EXPECT_LT(Difference(AdamConfig(), &Reference::Adam, at::kFloat), 1e-5);
}

TEST(RmsPropTest, HasMomentum) {
  const Update config = RmsPropConfig(RmsProp::Epsilon::inside, 0.9);
  EXPECT_LT(Difference(config, &Reference::RmsProp, at::kDouble), 1e-12);
  EXPECT_LT(Difference(config, &Reference::RmsProp, at::kFloat), 1e-4);
}

// v = 0.01 after a first gradient of 1: the place of an ε of 0.1 decides.
TEST(RmsPropTest, PutsEpsilonWhereTheConfigSays) {
  const auto first_step = [](RmsProp::Epsilon::Kind place) {
    at::Tensor parameters = at::zeros({1}, at::kDouble);
    MakeUpdateRule(RmsPropConfig(place), parameters)
        ->Apply(parameters, at::full({1}, 1, at::kDouble), 1);
    return -parameters.item<double>();
  };
  EXPECT_NEAR(first_step(RmsProp::Epsilon::inside), 1 / std::sqrt(0.01 + 0.1), 1e-12);
  EXPECT_NEAR(first_step(RmsProp::Epsilon::outside), 1 / (0.1 + 0.1), 1e-12);
}

// A checkpoint writes through the views that State() returns.
TEST(UpdateRuleTest, GoesOnFromTheStateOfAnother) {
  for (const Update& config : {AdamConfig(), RmsPropConfig(RmsProp::Epsilon::outside, 0.9)}) {
    const at::Tensor first = at::randn({kParameters});
    const at::Tensor second = at::randn({kParameters});
    const at::Tensor parameters = at::zeros({kParameters});
    const auto rule = MakeUpdateRule(config, parameters);
    rule->Apply(parameters, first, kRate);

    const at::Tensor copy = parameters.clone();
    const auto resumed = MakeUpdateRule(config, copy);
    const auto own = resumed->State();
    for (size_t i = 0; i < own.size(); ++i) {
      EXPECT_EQ(own[i].first, rule->State()[i].first);
      own[i].second.copy_(rule->State()[i].second);
    }
    const at::Tensor fresh = parameters.clone();
    MakeUpdateRule(config, fresh)->Apply(fresh, second, kRate);
    rule->Apply(parameters, second, kRate);
    resumed->Apply(copy, second, kRate);
    EXPECT_TRUE(copy.equal(parameters));
    EXPECT_FALSE(fresh.equal(parameters));
  }
}

}  // namespace
}  // namespace drover
