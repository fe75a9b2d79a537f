#include "coordinator/run_state.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace drover {
namespace {

const RunPolicy::Time kStart = RunPolicy::Time() + std::chrono::seconds(1000);

Target EvaluatorTarget(double mean) {
  Target target;
  target.set_return_(mean);
  target.set_source(Target::Source::evaluator);
  return target;
}

EvaluationPoint Point(uint64_t frames, double mean) {
  EvaluationPoint point;
  point.set_version(frames / 100 + 1);
  point.set_frames(frames);
  point.mutable_evaluation()->set_episodes(10);
  point.mutable_evaluation()->set_mean(mean);
  return point;
}

LearnerReport ReportOf(EndReason::Kind outcome) {
  LearnerReport report;
  report.set_outcome(outcome);
  return report;
}

TEST(RunPolicyTest, GoesThroughItsStatesInOrder) {
  RunPolicy policy{Target()};
  EXPECT_EQ(policy.state(), RunState::waiting);
  policy.LearnerJoined();
  EXPECT_EQ(policy.state(), RunState::running);
  policy.LearnerReported(ReportOf(EndReason::unspecified));
  EXPECT_EQ(policy.state(), RunState::running);
  policy.LearnerReported(ReportOf(EndReason::budget_spent));
  EXPECT_EQ(policy.state(), RunState::draining);
  EXPECT_EQ(policy.end_reason(), EndReason::budget_spent);
  EXPECT_FALSE(policy.finished());
  policy.SummaryWritten();  // too early: ignored
  EXPECT_EQ(policy.state(), RunState::draining);
  policy.LearnerLeft();
  EXPECT_TRUE(policy.finished());
  EXPECT_EQ(policy.state(), RunState::draining);
  policy.SummaryWritten();
  EXPECT_EQ(policy.state(), RunState::ended);
  EXPECT_EQ(policy.end_reason(), EndReason::budget_spent);
  EXPECT_FALSE(policy.target_reached().has_value());
}

TEST(RunPolicyTest, TheLearnersTargetCarriesFramesAndSeconds) {
  RunPolicy policy{Target()};
  policy.LearnerJoined();
  LearnerReport report = ReportOf(EndReason::target_reached);
  report.mutable_target()->set_frames(1234);
  report.mutable_target()->set_seconds(5.5);
  policy.LearnerReported(report);
  EXPECT_EQ(policy.end_reason(), EndReason::target_reached);
  ASSERT_TRUE(policy.target_reached().has_value());
  EXPECT_EQ(policy.target_reached()->frames(), 1234u);
  EXPECT_EQ(policy.target_reached()->seconds(), 5.5);
}

TEST(RunPolicyTest, TheFirstReasonStays) {
  RunPolicy policy{Target()};
  policy.LearnerJoined();
  policy.StopRequested(EndReason::stopped);
  LearnerReport report = ReportOf(EndReason::target_reached);
  policy.LearnerReported(report);
  EXPECT_EQ(policy.end_reason(), EndReason::stopped);
  EXPECT_FALSE(policy.target_reached().has_value());
}

TEST(RunPolicyTest, EvaluatorReachesTheTargetTwiceInARow) {
  RunPolicy policy(EvaluatorTarget(475));
  policy.LearnerJoined();
  policy.Evaluated(Point(1000, 475), 1);
  policy.Evaluated(Point(2000, 474), 2);
  policy.Evaluated(Point(3000, 500), 3);
  EXPECT_EQ(policy.state(), RunState::running);
  policy.Evaluated(Point(4000, 476), 4);
  EXPECT_EQ(policy.state(), RunState::draining);
  EXPECT_EQ(policy.end_reason(), EndReason::target_reached);
  ASSERT_TRUE(policy.target_reached().has_value());
  EXPECT_EQ(policy.target_reached()->frames(), 4000u);
  EXPECT_EQ(policy.target_reached()->seconds(), 4);
}

TEST(RunPolicyTest, APointThatIsReportedAgainCountsOnce) {
  RunPolicy policy(EvaluatorTarget(475));
  policy.LearnerJoined();
  EXPECT_TRUE(policy.Evaluated(Point(2000, 500), 1));
  EXPECT_FALSE(policy.Evaluated(Point(2000, 500), 1));
  EXPECT_FALSE(policy.Evaluated(Point(1000, 500), 1));
  EXPECT_EQ(policy.state(), RunState::running);
}

TEST(RunPolicyTest, AnotherTakesOverWhatWasDecided) {
  RunPolicy policy(EvaluatorTarget(475));
  const auto taken_over = [&policy] {
    RunMemory memory;
    policy.Save(&memory);
    RunPolicy next(EvaluatorTarget(475));
    next.Restore(memory);
    return next;
  };
  EXPECT_EQ(taken_over().state(), RunState::waiting);
  uint64_t changes = policy.changes();
  const auto changed = [&] {
    const uint64_t before = std::exchange(changes, policy.changes());
    return changes > before;
  };
  policy.LearnerJoined();
  EXPECT_TRUE(changed());
  EXPECT_EQ(taken_over().state(), RunState::running);
  policy.Evaluated(Point(1000, 500), 1);
  EXPECT_TRUE(changed());

  RunPolicy next = taken_over();
  EXPECT_FALSE(next.Evaluated(Point(1000, 500), 1));
  next.Evaluated(Point(2000, 500), 2);
  EXPECT_EQ(next.end_reason(), EndReason::target_reached);

  policy.Evaluated(Point(2000, 500), 2);
  policy.LearnerLeft();
  EXPECT_TRUE(changed());
  const RunPolicy last = taken_over();
  EXPECT_EQ(last.state(), RunState::draining);
  EXPECT_EQ(last.end_reason(), EndReason::target_reached);
  EXPECT_EQ(last.target_reached()->frames(), 2000u);
  EXPECT_TRUE(last.finished());
  policy.SummaryWritten();
  EXPECT_TRUE(changed());
  EXPECT_EQ(taken_over().state(), RunState::ended);
}

TEST(RunPolicyTest, EvaluatorsDoNotDecideWhereTrainingEpisodesDo) {
  Target target = EvaluatorTarget(475);
  target.set_source(Target::Source::training);
  for (const Target& t : {target, Target()}) {
    RunPolicy policy(t);
    policy.LearnerJoined();
    policy.Evaluated(Point(1000, 500), 1);
    policy.Evaluated(Point(2000, 500), 2);
    EXPECT_EQ(policy.state(), RunState::running);
  }
}

TEST(RunPolicyTest, NanIsNoReturn) {
  RunPolicy policy(EvaluatorTarget(-100));
  policy.LearnerJoined();
  policy.Evaluated(Point(100, std::numeric_limits<double>::quiet_NaN()), 1);
  policy.Evaluated(Point(200, std::numeric_limits<double>::quiet_NaN()), 2);
  EXPECT_EQ(policy.state(), RunState::running);
}

TEST(RunPolicyTest, StopWithoutALearnerEndsAtOnce) {
  RunPolicy policy{Target()};
  policy.StopRequested(EndReason::stopped);
  EXPECT_TRUE(policy.finished());
  EXPECT_EQ(policy.end_reason(), EndReason::stopped);
}

TEST(RunPolicyTest, ALearnerThatLeavesInTheMiddleFailsTheRun) {
  RunPolicy policy{Target()};
  policy.LearnerJoined();
  policy.LearnerLeft();
  EXPECT_EQ(policy.end_reason(), EndReason::failed);
  EXPECT_TRUE(policy.finished());
}

TEST(RunPolicyTest, ALearnerMayBeReplacedWhileRunning) {
  RunPolicy policy{Target()};
  policy.LearnerJoined();
  policy.Tick(false, kStart);
  policy.Tick(false, kStart + std::chrono::hours(1));
  EXPECT_EQ(policy.state(), RunState::running);
  EXPECT_FALSE(policy.finished());
}

TEST(RunPolicyTest, ALauncherThatGivesUpDrainsTheLearnerIfThereIsOne) {
  RunPolicy policy{Target()};
  policy.LearnerJoined();
  policy.StopRequested(EndReason::failed);
  policy.Tick(true, kStart);
  EXPECT_EQ(policy.state(), RunState::draining);
  EXPECT_FALSE(policy.finished());
  policy.Tick(false, kStart);
  EXPECT_TRUE(policy.finished());
  EXPECT_EQ(policy.end_reason(), EndReason::failed);
}

TEST(RunPolicyTest, WaitsForTheLearnerToComeBackAndDrain) {
  RunPolicy policy{Target()};
  policy.LearnerJoined();
  policy.StopRequested(EndReason::stopped);
  policy.Tick(false, kStart);
  policy.Tick(true, kStart + std::chrono::seconds(29));  // back
  policy.Tick(false, kStart + std::chrono::seconds(30));
  policy.Tick(false, kStart + std::chrono::seconds(59));
  EXPECT_FALSE(policy.finished());
  policy.WaitAnew();
  policy.Tick(false, kStart + std::chrono::seconds(60));
  EXPECT_FALSE(policy.finished());
  policy.Tick(false, kStart + std::chrono::seconds(90));
  EXPECT_TRUE(policy.finished());
  EXPECT_EQ(policy.end_reason(), EndReason::failed);
}

}  // namespace
}  // namespace drover
