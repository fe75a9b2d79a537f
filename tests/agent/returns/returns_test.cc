#include "agent/returns/returns.h"

#include <ATen/ops/full.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include "tests/agent/returns/random_steps.h"

namespace drover {
namespace {

// One unroll, reward 1 a step, no discount, all values `value`.
Steps Ones(int64_t length, double value) {
  const auto all = [length](double x) { return at::full({length, 1}, x, at::kDouble); };
  return {all(1), all(1), all(0), all(value), all(value)};
}

std::vector<double> Column(const at::Tensor& x) {
  const at::Tensor flat = x.flatten().contiguous();
  const auto* data = flat.const_data_ptr<double>();
  return {data, data + flat.numel()};
}

TEST(NStepReturnsTest, TheWindowShrinksTowardsTheEnd) {
  EXPECT_EQ(Column(NStepReturns(Ones(5, 0), 5)), (std::vector<double>{5, 4, 3, 2, 1}));
  EXPECT_EQ(Column(NStepReturns(Ones(7, 0), 5)), (std::vector<double>{5, 5, 5, 4, 3, 2, 1}));
  EXPECT_EQ(Column(NStepReturns(Ones(5, 100), 3)), (std::vector<double>{103, 103, 103, 102, 101}));
  EXPECT_EQ(Column(NStepReturns(Ones(3, 100), 1)), (std::vector<double>{101, 101, 101}));
}

TEST(NStepReturnsTest, TheWindowEndsWithTheEpisode) {
  Steps steps = Ones(6, 100);
  steps.truncated[2] = 1;
  steps.next_value[2] = 50;  // of the final observation
  steps.discount[4] = 0;
  EXPECT_EQ(Column(NStepReturns(steps, 4)), (std::vector<double>{53, 52, 51, 2, 1, 101}));
}

// By the definition, O(T²): the sum over k of the weights of V_{t+k} and of the rewards before it.
at::Tensor NaiveLambdaReturns(const Steps& steps, double lambda) {
  const int64_t length = steps.reward.size(0);
  at::Tensor returns = at::zeros_like(steps.reward);
  for (int64_t t = 0; t < length; ++t) {
    at::Tensor weight = at::ones_like(steps.reward[0]);  // of what comes at step k
    for (int64_t k = t; k < length; ++k) {
      const at::Tensor goes_on =
          k + 1 == length ? at::zeros_like(weight) : lambda * (1 - steps.truncated[k]);
      const at::Tensor after = steps.discount[k] * (1 - goes_on) * steps.next_value[k];
      returns[t] += weight * (steps.reward[k] + after);
      weight = weight * steps.discount[k] * goes_on;
    }
  }
  return returns;
}

TEST(LambdaReturnsTest, FollowTheDefinition) {
  const Steps steps = RandomSteps(20, 8);
  for (const double lambda : {0.0, 0.7, 1.0}) {
    const at::Tensor expected = NaiveLambdaReturns(steps, lambda);
    EXPECT_TRUE(LambdaReturns(steps, lambda).allclose(expected)) << lambda;
    EXPECT_TRUE((GaeAdvantages(steps, lambda) + steps.value).allclose(expected)) << lambda;
  }
  EXPECT_TRUE(MonteCarloReturns(steps).allclose(NaiveLambdaReturns(steps, 1)));
  EXPECT_TRUE(NStepReturns(steps, 20).allclose(NaiveLambdaReturns(steps, 1)));
  EXPECT_TRUE(NStepReturns(steps, 1).allclose(NaiveLambdaReturns(steps, 0)));
}

}  // namespace
}  // namespace drover
