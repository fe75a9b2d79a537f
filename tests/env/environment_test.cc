#include "env/environment.h"

#include <array>
#include <vector>

#include "gtest/gtest.h"
#include "tests/env/counter.h"

namespace drover {
namespace {

class EnvironmentTest : public ::testing::Test {
 protected:
  End Step(Environment& environment, int32_t number) {
    Action action;
    action.discrete = number;
    return environment.Step(action, observation_.data()).end;
  }

  Random random_{Random({1})};
  std::array<float, 3> observation_{};
};

TEST_F(EnvironmentTest, TruncatesAtTheLimit) {
  Counter counter(Space::Discrete(2), 100, 3);
  for (int episode = 0; episode < 2; ++episode) {
    counter.Reset(random_, observation_.data());
    EXPECT_EQ(counter.episode_step(), 0);
    EXPECT_EQ(Step(counter, 0), End::kRunning);
    EXPECT_EQ(Step(counter, 0), End::kRunning);
    EXPECT_EQ(Step(counter, 0), End::kTruncated);
    EXPECT_EQ(counter.episode_step(), 3);
  }
}

TEST_F(EnvironmentTest, AnEpisodeLeftEarlyDoesNotCountTowardsTheLimit) {
  Counter counter(Space::Discrete(2), 100, 2);
  counter.Reset(random_, observation_.data());
  EXPECT_EQ(Step(counter, 0), End::kRunning);
  counter.Reset(random_, observation_.data());
  EXPECT_EQ(Step(counter, 0), End::kRunning);
  EXPECT_EQ(Step(counter, 0), End::kTruncated);
}

TEST_F(EnvironmentTest, TerminatedWithTheLastAllowedStepIsTerminated) {
  Counter counter(Space::Discrete(2), 2, 2);
  counter.Reset(random_, observation_.data());
  EXPECT_EQ(Step(counter, 1), End::kRunning);
  EXPECT_EQ(Step(counter, 1), End::kTerminated);
}

TEST_F(EnvironmentTest, WithoutALimitItGoesOn) {
  Counter counter(Space::Discrete(2), 100, 0);
  counter.Reset(random_, observation_.data());
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(Step(counter, 0), End::kRunning);
}

using EnvironmentDeathTest = EnvironmentTest;

TEST_F(EnvironmentDeathTest, MisuseEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Counter counter(Space::Discrete(2), 1, 0);
  EXPECT_DEATH(Step(counter, 0), "Step without Reset");  // not reset
  counter.Reset(random_, observation_.data());
  EXPECT_DEATH(Step(counter, -1), "action -1");
  EXPECT_DEATH(Step(counter, 2), "action 2");
  EXPECT_EQ(Step(counter, 1), End::kTerminated);
  EXPECT_DEATH(Step(counter, 0), "Step without Reset");  // the episode is over
}

}  // namespace
}  // namespace drover
