// The mean gradient of each unbiased estimator is the exact one of a process that can be solved.
#include "agent/returns/policy_weights.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <cmath>

#include "agent/returns/returns.h"
#include "tests/agent/returns/decision_process.h"

namespace drover {
namespace {

constexpr int64_t kSteps = 40;
constexpr int64_t kColumns = 3000;

class PolicyWeightsTest : public ::testing::Test {
 protected:
  PolicyWeightsTest() {
    process_.V(logits_)[0].backward();
    exact_ = logits_.grad().clone();
  }

  // Per column Σ_t weight_t ∇ log π(a_t|x_t) [B, 3, 2], compared with ∇J.
  void ExpectExact(const at::Tensor& weight) const {
    const at::Tensor p = at::softmax(logits_.detach(), 1);
    const at::Tensor score = at::one_hot(play_.action, 2) -
                             p.index_select(0, play_.state.flatten()).view({kSteps, kColumns, 2});
    const at::Tensor at_state = at::one_hot(play_.state, 3).unsqueeze(3) * score.unsqueeze(2);
    const at::Tensor each = (at_state * (weight * play_.alive).unsqueeze(2).unsqueeze(3)).sum(0);
    const at::Tensor error = each.std(0) / std::sqrt(static_cast<double>(kColumns));
    const at::Tensor off = (each.mean(0) - exact_).abs();
    EXPECT_TRUE((off <= error * 4).all().item<bool>()) << off << error;
    EXPECT_GT(exact_.abs().max().item<double>(), 4 * error.max().item<double>());  // says something
  }
  at::Tensor Discounts() const { return EpisodeDiscounts(play_.steps, DecisionProcess::kGamma); }

  const DecisionProcess process_;
  const at::Tensor logits_ = at::tensor({0.3, -0.2, 0.0, 0.5, -0.4, 0.1}, at::kDouble)
                                 .view({3, 2})
                                 .set_requires_grad(true);
  const DecisionProcess::Play play_ = process_.Sample(logits_, kSteps, kColumns, Random({1}));
  at::Tensor exact_;
};

TEST_F(PolicyWeightsTest, TotalReturnIsUnbiased) { ExpectExact(TotalReturns(play_.steps)); }

TEST_F(PolicyWeightsTest, ReturnToGoIsUnbiasedWithAndWithoutABaseline) {
  const at::Tensor returns = MonteCarloReturns(play_.steps);
  ExpectExact(Discounts() * returns);
  ExpectExact(Discounts() * (returns - play_.steps.value));
}

TEST_F(PolicyWeightsTest, AdvantageAndTdResidualAreUnbiasedOfTheExactV) {
  for (const double lambda : {0.0, 0.5, 1.0}) {
    ExpectExact(Discounts() * GaeAdvantages(play_.steps, lambda));
  }
}

TEST_F(PolicyWeightsTest, QIsUnbiased) {
  const at::Tensor q = process_.Q(logits_).detach().flatten();
  ExpectExact(
      Discounts() *
      q.index_select(0, (play_.state * 2 + play_.action).flatten()).view({kSteps, kColumns}));
}

TEST(EpisodesTest, EachHasItsOwnReturnAndCount) {
  const auto column = [](const std::vector<double>& values) {
    return at::tensor(values, at::kDouble).unsqueeze(1);
  };
  const at::Tensor zero = column({0, 0, 0, 0, 0});
  // The first episode terminates with step 1, the second is truncated with step 3.
  const Steps steps{column({1, 2, 3, 4, 5}), column({0.5, 0, 0.5, 0.5, 0.5}),
                    column({0, 0, 0, 1, 0}), zero, column({0, 0, 0, 8, 16})};
  EXPECT_TRUE(TotalReturns(steps).allclose(column({2, 2, 7, 7, 13})));
  EXPECT_TRUE(EpisodeDiscounts(steps, 0.5).allclose(column({1, 0.5, 1, 0.5, 1})));
}

}  // namespace
}  // namespace drover
