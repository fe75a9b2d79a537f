#include "learner/target.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

Experiment WithTarget(double undiscounted_return, uint32_t episodes) {
  Experiment experiment;
  experiment.mutable_target()->set_return_(undiscounted_return);
  experiment.mutable_target()->set_episodes(episodes);
  return experiment;
}

TEST(Outcome, TheTargetNeedsItsEpisodes) {
  const Experiment experiment = WithTarget(475, 50);
  EXPECT_EQ(TargetWindow(experiment), 50U);
  EXPECT_EQ(Outcome(experiment, {49, 500, false}), EndReason::unspecified);
  EXPECT_EQ(Outcome(experiment, {50, 474.9, false}), EndReason::unspecified);
  EXPECT_EQ(Outcome(experiment, {50, 475, false}), EndReason::target_reached);
}

TEST(Outcome, NegativeTargetsAreNotReachedByNothing) {
  EXPECT_EQ(Outcome(WithTarget(-100, 10), {0, 0, false}), EndReason::unspecified);
}

TEST(Outcome, TheBudget) {
  EXPECT_EQ(Outcome(WithTarget(475, 50), {50, 100, true}), EndReason::budget_spent);
  EXPECT_EQ(Outcome(WithTarget(475, 50), {50, 480, true}), EndReason::target_reached);
  EXPECT_EQ(Outcome(Experiment(), {50, 480, true}), EndReason::budget_spent);
  EXPECT_EQ(Outcome(Experiment(), {50, 480, false}), EndReason::unspecified);
}

TEST(Outcome, AnEvaluatorsTargetIsNotTheLearners) {
  Experiment experiment = WithTarget(475, 50);
  experiment.mutable_target()->set_source(Target::Source::evaluator);
  EXPECT_EQ(Outcome(experiment, {50, 480, false}), EndReason::unspecified);
  EXPECT_EQ(Outcome(experiment, {50, 480, true}), EndReason::budget_spent);
}

}  // namespace
}  // namespace drover
