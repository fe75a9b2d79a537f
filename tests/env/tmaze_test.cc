#include "env/tmaze.h"

#include <array>

#include "gtest/gtest.h"

namespace drover {
namespace {

using Observation = std::array<float, 3>;  // sign, junction, corridor

constexpr int32_t kForward = 0;
constexpr int32_t kUp = 1;
constexpr int32_t kDown = 2;
constexpr int kLength = 10;
constexpr float kUnmoved = -0.01F;

class TMazeTest : public ::testing::Test {
 protected:
  // The sign of a new episode.
  float Start() {
    tmaze_.Reset(random_, seen_.data());
    EXPECT_EQ(seen_[1], 0);
    EXPECT_EQ(seen_[2], 1);
    return seen_[0];
  }
  StepResult Act(int32_t action) { return tmaze_.Step({action, nullptr}, seen_.data()); }

  // Goes to the junction and acts there. Sign of the episode into `sign`.
  StepResult Turn(int32_t action, float* sign) {
    *sign = Start();
    for (int i = 0; i < kLength; ++i) {
      EXPECT_EQ(seen_[2], 1) << i;
      const StepResult result = Act(kForward);
      EXPECT_EQ(result.reward, 0);
      EXPECT_EQ(result.end, End::kRunning);
      EXPECT_EQ(seen_[0], 0);
    }
    EXPECT_EQ(seen_, (Observation{0, 1, 0}));
    return Act(action);
  }

  TMaze tmaze_;
  Random random_ = Random({1});
  Observation seen_{};
};

TEST_F(TMazeTest, BothSignsAreAsLikely) {
  int up = 0;
  for (int i = 0; i < 1000; ++i) {
    const float sign = Start();
    ASSERT_TRUE(sign == 1 || sign == -1);
    up += sign == 1 ? 1 : 0;
  }
  EXPECT_NEAR(up, 500, 64);  // four standard deviations
}

TEST_F(TMazeTest, TheSignSaysWhichTurnIsRight) {
  int right = 0;
  for (int i = 0; i < 20; ++i) {
    const int32_t action = i % 2 == 0 ? kUp : kDown;
    float sign = 0;
    const StepResult result = Turn(action, &sign);
    EXPECT_EQ(result.end, End::kTerminated);
    EXPECT_EQ(result.reward, (sign == 1) == (action == kUp) ? 1 : -1);
    right += result.reward == 1 ? 1 : 0;
  }
  EXPECT_GT(right, 0);
  EXPECT_LT(right, 20);
}

TEST_F(TMazeTest, WaitingCostsAndEndsWithTheLimit) {
  float sign = 0;
  EXPECT_EQ(Turn(kForward, &sign).reward, kUnmoved);
  for (int step = kLength + 2; step < 3 * kLength; ++step) {
    const StepResult result = Act(kForward);
    EXPECT_EQ(result.reward, kUnmoved);
    EXPECT_EQ(result.end, End::kRunning) << step;
  }
  EXPECT_EQ(Act(kForward).end, End::kTruncated);
}

TEST_F(TMazeTest, TheCorridorIsAsLongAsOneLikes) {
  TMaze short_one(3);
  EXPECT_EQ(short_one.spec().max_episode_steps, 9);
  short_one.Reset(random_, seen_.data());
  for (int step = 0; step < 3; ++step) {
    EXPECT_EQ(seen_[2], 1) << step;
    short_one.Step({kForward, nullptr}, seen_.data());
  }
  EXPECT_EQ(seen_, (Observation{0, 1, 0}));
}

TEST_F(TMazeTest, WallsOfTheCorridorAreFelt) {
  Start();
  for (const int32_t action : {kUp, kDown}) {
    EXPECT_EQ(Act(action).reward, kUnmoved);
    EXPECT_EQ(seen_, (Observation{0, 0, 1})) << "the sign is seen once";
  }
  for (int i = 0; i < kLength; ++i) Act(kForward);
  EXPECT_EQ(seen_, (Observation{0, 1, 0}));
}

}  // namespace
}  // namespace drover
