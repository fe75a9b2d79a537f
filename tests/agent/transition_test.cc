#include "agent/transition.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "env/environment.h"

namespace drover {
namespace {

constexpr double kGamma = 0.5;

// Windows of 4 steps; observations and actions count on, rewards are 1, 2, 4, 8.
class TransitionTest : public ::testing::Test {
 protected:
  TransitionTest() {
    config_.set_gamma(kGamma);
    config_.set_reward_scale(1);
    config_.set_n_step(3);
    batch_.observation = at::arange(10, at::kFloat).view({5, 2, 1});  // 2 t + b
    batch_.action = at::arange(8, at::kFloat).view({4, 2, 1}) + 100;
    batch_.reward = at::tensor({1.F, 2.F, 4.F, 8.F}).view({4, 1}).expand({4, 2}).contiguous();
    batch_.end = at::zeros({4, 2}, at::kByte);
    batch_.final_observation = at::zeros({0, 1});
    batch_.final_position = at::zeros({0}, at::kLong);
  }

  void End(int64_t t, int64_t b, End end) { batch_.end[t][b] = static_cast<int64_t>(end); }
  Transition Make() const { return MakeTransition(batch_, config_); }
  static double At(const at::Tensor& x, int64_t b) { return x.flatten()[b].item<double>(); }

  Returns config_;
  Batch batch_;
};

TEST_F(TransitionTest, TakesNRewardsAndWhatComesAfterThem) {
  const Transition step = Make();
  for (int64_t b : {0, 1}) {
    EXPECT_EQ(At(step.observation, b), b);
    EXPECT_EQ(At(step.action, b), 100 + b);
    EXPECT_EQ(At(step.reward, b), 1 + 2 * 0.5 + 4 * 0.25);
    EXPECT_EQ(At(step.discount, b), 0.125);
    EXPECT_EQ(At(step.next_observation, b), 6 + b);
    EXPECT_EQ(At(step.next_action, b), 106 + b);
    EXPECT_EQ(At(step.weight, b), 1);
  }
}

TEST_F(TransitionTest, AWindowOfNStepsEndsBeforeTheNextAction) {
  config_.set_n_step(4);
  const Transition step = Make();
  EXPECT_FALSE(step.next_action.defined());
  EXPECT_EQ(At(step.reward, 0), 1 + 1 + 1 + 1);
  EXPECT_EQ(At(step.next_observation, 1), 9);
}

TEST_F(TransitionTest, ATerminationEndsItWithoutABootstrap) {
  End(1, 0, End::kTerminated);
  End(0, 1, End::kTerminated);
  const Transition step = Make();
  EXPECT_EQ(At(step.reward, 0), 1 + 2 * 0.5);
  EXPECT_EQ(At(step.discount, 0), 0);
  EXPECT_EQ(At(step.reward, 1), 1);
  EXPECT_EQ(At(step.discount, 1), 0);
}

TEST_F(TransitionTest, ATruncationBootstrapsFromItsOwnFinalObservation) {
  End(1, 0, End::kTruncated);
  End(2, 0, End::kTruncated);  // of the next episode
  End(3, 1, End::kTruncated);  // beyond n
  batch_.final_observation = at::tensor({50.F, 60.F, 70.F}).view({3, 1});
  batch_.final_position = at::tensor({2, 4, 7}, at::kLong);
  const Transition step = Make();
  EXPECT_EQ(At(step.reward, 0), 1 + 2 * 0.5);
  EXPECT_EQ(At(step.discount, 0), 0.25);
  EXPECT_EQ(At(step.next_observation, 0), 50);
  EXPECT_EQ(At(step.discount, 1), 0.125);
  EXPECT_EQ(At(step.next_observation, 1), 7);
}

TEST_F(TransitionTest, RewardsAreScaled) {
  config_.set_reward_scale(0.1);
  EXPECT_FLOAT_EQ(At(Make().reward, 0), 0.3);
}

TEST_F(TransitionTest, KeepsTheWeightsOfReplay) {
  batch_.weight = at::tensor({0.5F, 1.F});
  EXPECT_EQ(At(Make().weight, 0), 0.5);
}

TEST_F(TransitionTest, EveryStepOfAnUnrollIsOne) {
  End(0, 0, End::kTerminated);
  End(1, 1, End::kTruncated);
  batch_.final_observation = at::tensor({50.F}).view({1, 1});
  batch_.final_position = at::tensor({3}, at::kLong);
  const Transition step = EveryTransition(batch_, config_);
  EXPECT_EQ(At(step.observation, 5), 5);
  EXPECT_EQ(At(step.next_observation, 5), 7);
  EXPECT_EQ(At(step.next_observation, 3), 50);
  EXPECT_EQ(At(step.action, 5), 105);
  EXPECT_EQ(At(step.next_action, 5), 107);
  EXPECT_EQ(At(step.reward, 5), 4);
  EXPECT_EQ(At(step.discount, 0), 0);
  EXPECT_EQ(At(step.discount, 1), kGamma);
  EXPECT_EQ(At(step.weight, 0), 1);
  EXPECT_EQ(At(step.weight, 3), 0);  // what follows is another episode's action
  EXPECT_EQ(At(step.weight, 6), 0);  // what follows is in the next unroll
  EXPECT_EQ(At(step.weight, 7), 0);
}

}  // namespace
}  // namespace drover
