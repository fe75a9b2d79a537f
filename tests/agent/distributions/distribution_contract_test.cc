// What every distribution promises (agent/distributions/distribution.h), checked for each.
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "agent/distributions/make_distribution.h"
#include "agent/distributions/normal_noise.h"
#include "common/random.h"

namespace drover {
namespace {

constexpr float kLargestUniform = 1 - 0x1p-24F;

Space Plane() { return Space::Box({2}, {-2, 1}, {2, 4}); }
Space Line() { return Space::Box({1}, 1, 4); }

std::unique_ptr<Distribution> Make(PolicyHead::Kind head, const Space& box) {
  ModelConfig config;
  config.set_policy(head);
  config.set_bins(5);
  const bool discrete = head == PolicyHead::categorical;
  return *MakeDistribution(discrete ? Space::Discrete(4) : box, config);
}

at::Tensor Uniform(int64_t rows, int64_t count) {
  Random random({1});
  at::Tensor uniform = at::empty({rows, count}, at::kFloat);
  auto* data = uniform.mutable_data_ptr<float>();
  for (int64_t i = 0; i < uniform.numel(); ++i) data[i] = random.UniformFloat();
  return uniform;
}

class DistributionContractTest : public ::testing::TestWithParam<PolicyHead::Kind> {
 protected:
  bool HasDensity() const {
    return GetParam() == PolicyHead::gaussian || GetParam() == PolicyHead::squashed_gaussian ||
           GetParam() == PolicyHead::beta;
  }
  bool HasBounds() const {
    return GetParam() != PolicyHead::gaussian && GetParam() != PolicyHead::categorical;
  }
  void ExpectWithinBounds(const at::Tensor& action) const {
    if (!HasBounds()) return;
    EXPECT_TRUE((action.ge(at::tensor({-2.0, 1.0})) & action.le(at::tensor({2.0, 4.0})))
                    .all()
                    .item<bool>());
  }

  const std::unique_ptr<Distribution> distribution_ = Make(GetParam(), Plane());
};

TEST_P(DistributionContractTest, ASampleIsWithinBoundsAndSaysWhatLogProbSays) {
  at::Tensor uniform = Uniform(3000, distribution_->noise_count());
  if (distribution_->noise_count() > 0) {
    uniform[0].fill_(0);
    uniform[1].fill_(kLargestUniform);
  }
  for (const double width : {0.1, 1.0, 5.0}) {
    // A σ below e^-5 has no room in a float32 action.
    const at::Tensor parameters =
        (at::randn({3000, distribution_->parameter_count()}) * width).clamp(-5, 5);
    const Distribution::Draw draw = distribution_->Sample(parameters, uniform);
    EXPECT_TRUE(draw.log_prob.isfinite().all().item<bool>());
    ExpectWithinBounds(draw.action);
    const at::Tensor log_prob = distribution_->LogProb(parameters, draw.action);
    EXPECT_EQ(draw.log_prob.sizes(), log_prob.sizes());
    EXPECT_TRUE(draw.log_prob.allclose(log_prob, 1e-4, 1e-3))
        << width << ": " << (draw.log_prob - log_prob).abs().max().item<double>();
    EXPECT_TRUE(distribution_->Sample(parameters, uniform).action.equal(draw.action));
  }
}

TEST_P(DistributionContractTest, RowsMayHaveAnyAxes) {
  const at::Tensor parameters = at::randn({12, distribution_->parameter_count()});
  const at::Tensor uniform = Uniform(12, distribution_->noise_count());
  const Distribution::Draw flat = distribution_->Sample(parameters, uniform);
  const at::Tensor folded = parameters.unflatten(0, {3, 4});
  const Distribution::Draw draw = distribution_->Sample(folded, uniform.unflatten(0, {3, 4}));
  EXPECT_TRUE(draw.action.flatten(0, 1).equal(flat.action));
  EXPECT_TRUE(draw.log_prob.flatten().equal(flat.log_prob));
  EXPECT_EQ(distribution_->LogProb(folded, draw.action).sizes(), draw.log_prob.sizes());
  EXPECT_EQ(distribution_->Entropy(folded).sizes(), draw.log_prob.sizes());
  EXPECT_EQ(distribution_->Mode(folded).sizes(), draw.action.sizes());
  ExpectWithinBounds(distribution_->Mode(folded));
}

// Means over samples of what entropy and divergence are the expectations of.
TEST_P(DistributionContractTest, EntropyAndKlAreThoseOfTheSamples) {
  constexpr int64_t kDraws = 100000;
  const bool squashed = GetParam() == PolicyHead::squashed_gaussian;
  // Recorded actions do not tell |u| beyond 9 apart, so that a wide one has less to diverge by.
  const at::Tensor p = at::randn({distribution_->parameter_count()}) * (squashed ? 0.3 : 0.7);
  const at::Tensor q = p + at::randn({distribution_->parameter_count()}) * 0.3;
  const at::Tensor noise = Uniform(kDraws, distribution_->noise_count());
  const Distribution::Draw draw = distribution_->Sample(p.expand({kDraws, -1}), noise);
  const auto expect_mean = [](const at::Tensor& sampled, const at::Tensor& expected, double slack) {
    const double error = sampled.std().item<double>() / std::sqrt(static_cast<double>(kDraws));
    EXPECT_NEAR(sampled.mean().item<double>(), expected.item<double>(), 5 * error + slack);
  };
  const double slack = squashed ? 0.02 : 1e-6;
  expect_mean(-draw.log_prob, distribution_->Entropy(p), slack);
  const at::Tensor other = distribution_->LogProb(q.expand({kDraws, -1}), draw.action);
  expect_mean(draw.log_prob - other, distribution_->Kl(p, q), 1e-4);
  EXPECT_NEAR(distribution_->Kl(p, p).item<double>(), 0, 1e-6);
}

TEST_P(DistributionContractTest, ADensityIntegratesToOneAndSamplesFollowIt) {
  if (!HasDensity()) return;
  const auto line = Make(GetParam(), Line());
  constexpr int64_t kPoints = 200001;
  constexpr int64_t kDraws = 20000;
  const at::Tensor x = HasBounds() ? at::linspace(1, 4, kPoints, at::kDouble)
                                   : at::linspace(-20, 25, kPoints, at::kDouble);
  const at::Tensor parameters = at::tensor({0.4, -0.3}, at::kDouble);
  const at::Tensor density =
      line->LogProb(parameters.expand({kPoints, 2}), x.unsqueeze(1)).exp() * (x[1] - x[0]);
  EXPECT_NEAR(density.sum().item<double>(), 1, 1e-3);

  const at::Tensor cumulative = density.cumsum(0);
  const at::Tensor drawn = line->Sample(parameters.to(at::kFloat).expand({kDraws, 2}),
                                        Uniform(kDraws, line->noise_count()))
                               .action.squeeze(1);
  for (const double share : {0.05, 0.3, 0.5, 0.9}) {
    const double below = x[(cumulative < share).sum().item<int64_t>()].item<double>();
    EXPECT_NEAR((drawn < below).sum().item<double>() / kDraws, share, 0.015);
  }
}

TEST_P(DistributionContractTest, GradientsReachTheParameters) {
  if (GetParam() == PolicyHead::deterministic) return;
  const at::Tensor q = at::randn({7, distribution_->parameter_count()});
  const at::Tensor uniform = Uniform(7, distribution_->noise_count());
  const at::Tensor action = distribution_->Sample(q, uniform).action;
  for (int i = 0; i < 3; ++i) {
    const at::Tensor p = (q * 0.5).set_requires_grad(true);
    const at::Tensor result = i == 0   ? distribution_->LogProb(p, action)
                              : i == 1 ? distribution_->Entropy(p)
                                       : distribution_->Kl(p, q);
    result.sum().backward();
    EXPECT_TRUE(p.grad().isfinite().all().item<bool>()) << i;
    EXPECT_GT(p.grad().abs().sum().item<double>(), 0) << i;
  }
}

TEST_P(DistributionContractTest, ReparameterizedNoiseLeadsWhereSamplesGo) {
  if (!distribution_->reparameterized()) return;
  const at::Tensor parameters =
      (at::randn({50, distribution_->parameter_count()}) * 0.3).set_requires_grad(true);
  const at::Tensor uniform = Uniform(50, distribution_->noise_count());
  const Distribution::Draw sample = distribution_->Sample(parameters, uniform);
  EXPECT_FALSE(sample.action.requires_grad());
  const Distribution::Draw draw =
      distribution_->Reparameterize(parameters, NormalFromUniform(uniform));
  EXPECT_TRUE(draw.action.allclose(sample.action, 1e-5, 1e-5));
  EXPECT_TRUE(draw.log_prob.allclose(sample.log_prob, 1e-3, 1e-2));
  draw.action.sum().backward();
  EXPECT_GT(parameters.grad().abs().sum().item<double>(), 0);
}

INSTANTIATE_TEST_SUITE_P(All, DistributionContractTest,
                         ::testing::Values(PolicyHead::categorical, PolicyHead::gaussian,
                                           PolicyHead::squashed_gaussian, PolicyHead::deterministic,
                                           PolicyHead::beta, PolicyHead::discretised),
                         [](const ::testing::TestParamInfo<PolicyHead::Kind>& info) {
                           return PolicyHead::Kind_Name(info.param);
                         });

}  // namespace
}  // namespace drover
