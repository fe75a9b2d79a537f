#include "env/slow_environment.h"

#include <array>

#include "common/clock.h"
#include "gtest/gtest.h"
#include "tests/env/counter.h"

namespace drover {
namespace {

constexpr double kStepSeconds = 0.02;

using Observation = std::array<float, 3>;  // tag, step, sum

// It ends with a sum of 2, or after three steps.
std::unique_ptr<Environment> MakeCounter() {
  return std::make_unique<Counter>(Space::Discrete(3), 2, 3);
}

TEST(SlowEnvironmentTest, AStepTakesItsTime) {
  SlowEnvironment slow(MakeCounter(), kStepSeconds);
  Observation observation{};
  Random random({1});
  for (int episode = 0; episode < 3; ++episode) {
    slow.Reset(random, observation.data());
    const double start = MonotonicSeconds();
    EXPECT_EQ(slow.Step({1, nullptr}, observation.data()).end, End::kRunning);
    EXPECT_EQ(slow.Step({1, nullptr}, observation.data()).end, End::kTerminated);
    EXPECT_GE(MonotonicSeconds() - start, 2 * kStepSeconds);
  }
}

TEST(SlowEnvironmentTest, PlaysAsTheOneInIt) {
  SlowEnvironment slow(MakeCounter(), 0);
  const std::unique_ptr<Environment> fast = MakeCounter();
  EXPECT_EQ(slow.spec().id, fast->spec().id);
  Observation of_slow{};
  Observation of_fast{};
  Random random({1});
  Random same({1});
  Random choices({2});
  for (int episode = 0; episode < 50; ++episode) {
    slow.Reset(random, of_slow.data());
    fast->Reset(same, of_fast.data());
    EXPECT_EQ(of_slow, of_fast);
    StepResult result;
    while (result.end == End::kRunning) {
      const Action action{static_cast<int32_t>(choices.Below(3)), nullptr};
      result = slow.Step(action, of_slow.data());
      const StepResult expected = fast->Step(action, of_fast.data());
      EXPECT_EQ(result.reward, expected.reward);
      EXPECT_EQ(result.end, expected.end);
      EXPECT_EQ(of_slow, of_fast);
      EXPECT_EQ(slow.episode_step(), fast->episode_step());
    }
  }
}

TEST(SlowEnvironmentTest, ARestoredOneGoesOnAsTheSavedOne) {
  Observation observation{};
  Observation restored_observation{};
  Random random({1});
  SlowEnvironment saved(MakeCounter(), 0);
  saved.Reset(random, observation.data());
  saved.Step({1, nullptr}, observation.data());
  Archive state;
  saved.SaveOrRestore(&state);

  SlowEnvironment restored(MakeCounter(), 0);
  Archive archive(state.bytes());
  restored.SaveOrRestore(&archive);
  ASSERT_TRUE(archive.Finish().ok()) << archive.Finish();
  EXPECT_EQ(saved.Step({1, nullptr}, observation.data()).end, End::kTerminated);
  EXPECT_EQ(restored.Step({1, nullptr}, restored_observation.data()).end, End::kTerminated);
  EXPECT_EQ(restored_observation, observation);
}

}  // namespace
}  // namespace drover
