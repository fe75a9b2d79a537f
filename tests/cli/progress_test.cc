#include "cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"

namespace drover {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

StatusReply Running() {
  StatusReply status;
  status.set_state(RunState::running);
  Experiment& experiment = *status.mutable_experiment();
  experiment.set_name("cartpole_impala");
  experiment.set_environment("CartPole-v1");
  experiment.set_algorithm("impala");
  status.set_desired_actors(4);
  experiment.mutable_budget()->set_max_frames(2'000'000);
  experiment.mutable_target()->set_return_(475);
  LearnerReport& learner = *status.mutable_learner();
  learner.set_frames(500'000);
  learner.set_updates(390);
  learner.set_episodes(1000);
  learner.set_mean_return(123.4);
  learner.set_lag_mean(1.25);
  learner.set_lag_max(3);
  learner.set_seconds(12);
  status.set_frames_per_second(50'000);
  status.set_updates_per_second(39);
  for (const bool alive : {true, true, true, false}) {
    MemberStatus& member = *status.add_members();
    member.set_alive(alive);
    member.mutable_member()->set_role(Role::actor);
  }
  return status;
}

TEST(ProgressTest, TimeLeftFollowsFromBudgetAndRate) {
  StatusReply status = Running();
  EXPECT_EQ(SecondsLeft(status), 30);
  status.set_frames_per_second(0);
  EXPECT_LT(SecondsLeft(status), 0);
  status.mutable_learner()->set_frames(3'000'000);
  EXPECT_EQ(SecondsLeft(status), 0);
}

TEST(ProgressTest, TheBlockSaysHowTheRunStands) {
  const std::string block = absl::StrJoin(ProgressBlock(Running()), "\n");
  EXPECT_EQ(block,
            "cartpole_impala   CartPole-v1   impala   running\n"
            "  return   123   target 475\n"
            "  frames   500,000 of 2,000,000   50,000/s\n"
            "  updates  390   39.0/s   lag 1.25, at most 3\n"
            "  actors   3 of 4\n"
            "  time     0:12   at most 0:30 left");
}

TEST(ProgressTest, TheBlockNamesFaultsAndTheEnd) {
  StatusReply status = Running();
  status.set_state(RunState::draining);
  status.set_end_reason(EndReason::target_reached);
  status.mutable_learner()->set_dropped_unrolls(5);
  status.mutable_learner()->set_rejected_unrolls(6);
  const std::string block = absl::StrJoin(ProgressBlock(status), "\n");
  EXPECT_THAT(block, HasSubstr("draining (target_reached)"));
  EXPECT_THAT(block, HasSubstr("dropped 5   rejected 6"));
}

TEST(ProgressTest, WithoutEpisodesThereIsNoReturn) {
  StatusReply status = Running();
  status.mutable_learner()->set_episodes(0);
  status.mutable_experiment()->clear_target();
  EXPECT_EQ(ProgressBlock(status)[1], "  return   –");
}

TEST(ProgressTest, TheLineSaysTheSame) {
  EXPECT_EQ(ProgressLine(Running()),
            "0:12  running  return 123  frames 500,000 (50,000/s)  updates 390 (39.0/s)  lag 1.25"
            "  left 0:30");
}

TEST(ProgressTest, PipedItPrintsLinesWithoutControlCharacters) {
  ::testing::internal::CaptureStdout();
  Progress progress(/*terminal=*/false);
  StatusReply waiting = Running();
  waiting.set_state(RunState::waiting);
  progress.Update(waiting);  // nothing to say yet
  progress.Update(Running());
  progress.Update(Running());  // too soon for another
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), ProgressLine(Running()) + "\n");
}

TEST(ProgressTest, InATerminalItDrawsTheBlockOverTheOneBefore) {
  ::testing::internal::CaptureStdout();
  Progress progress(/*terminal=*/true);
  progress.Update(Running());
  const std::string first = ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(first, HasSubstr("return   123"));
  EXPECT_THAT(first, Not(HasSubstr("\x1b[6A")));
  ::testing::internal::CaptureStdout();
  progress.Update(Running());
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "\x1b[6A" + first);
}

}  // namespace
}  // namespace drover
