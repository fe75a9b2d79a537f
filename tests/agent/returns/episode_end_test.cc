// How every estimator treats ends of episodes, apart from its own formula.
#include <ATen/ops/full_like.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include "agent/returns/vtrace.h"
#include "tests/agent/returns/random_steps.h"

namespace drover {
namespace {

struct Estimator {
  const char* name;
  at::Tensor (*target)(const Steps& steps);  // of V
};

// What the actor's policy did, for V-trace: anything, but the same for the same steps.
at::Tensor LogRatio(const Steps& steps) { return steps.reward * 0.5; }

const Estimator kEstimators[] = {
    {"MonteCarlo", MonteCarloReturns},
    {"Lambda", [](const Steps& steps) { return LambdaReturns(steps, 0.8); }},
    {"Gae", [](const Steps& steps) { return GaeAdvantages(steps, 0.8) + steps.value; }},
    {"NStep", [](const Steps& steps) { return NStepReturns(steps, 3); }},
    {"Vtrace", [](const Steps& steps) { return VtraceTargets(steps, LogRatio(steps)).target; }},
    {"VtraceAdvantage",
     [](const Steps& steps) {
       return VtraceTargets(steps, LogRatio(steps)).advantage + steps.value;
     }},
};

class EpisodeEndTest : public ::testing::TestWithParam<Estimator> {};
INSTANTIATE_TEST_SUITE_P(All, EpisodeEndTest, ::testing::ValuesIn(kEstimators),
                         [](const auto& info) { return info.param.name; });

TEST_P(EpisodeEndTest, ACutThereChangesNoTarget) {
  constexpr int64_t kSteps = 12;
  constexpr int64_t kCut = 5;
  Steps steps = RandomSteps(kSteps, 8);
  // Half of the unrolls terminate with the last step before the cut, half are truncated there.
  steps.discount[kCut - 1].narrow(0, 0, 4).zero_();
  steps.truncated[kCut - 1].narrow(0, 0, 4).zero_();
  steps.discount[kCut - 1].narrow(0, 4, 4).fill_(0.9);
  steps.truncated[kCut - 1].narrow(0, 4, 4).fill_(1);
  const auto target = GetParam().target;
  const at::Tensor parts =
      at::cat({target(Part(steps, 0, kCut)), target(Part(steps, kCut, kSteps - kCut))});
  EXPECT_TRUE(target(steps).allclose(parts));
}

// Reward 1 for ever, seen through a time limit of 5: what learns from final observations finds
// 1 / (1 − γ), what takes a truncation for an end does not.
TEST_P(EpisodeEndTest, ATimeLimitDoesNotShortenTheValue) {
  constexpr double kGamma = 0.9;
  Steps steps = RandomSteps(13, 1, kGamma);
  steps.reward = at::full_like(steps.reward, 1);
  steps.discount = at::full_like(steps.reward, kGamma);
  steps.truncated = at::zeros_like(steps.reward);
  steps.truncated.slice(0, 4, 13, 5).fill_(1);
  steps.value = at::zeros_like(steps.reward);
  for (int i = 0; i < 500; ++i) {
    steps.next_value = steps.value;
    steps.value = GetParam().target(steps).mean().expand_as(steps.value);
  }
  EXPECT_NEAR(steps.value[0].item<double>(), 1 / (1 - kGamma), 1e-9);
}

}  // namespace
}  // namespace drover
