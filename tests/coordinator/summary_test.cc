#include "coordinator/summary.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace drover {
namespace {

Outcome Finished() {
  Outcome outcome;
  outcome.experiment.set_name("cartpole");
  outcome.experiment.set_algorithm("impala");
  outcome.experiment.set_topology(Topology::impala);
  outcome.experiment.set_environment("CartPole-v1");
  outcome.experiment.set_seed(3);
  outcome.end_reason = EndReason::target_reached;
  LearnerReport& learner = outcome.learner;
  learner.set_frames(1000);
  learner.set_trained_frames(900);
  learner.set_updates(9);
  learner.set_version(10);
  learner.set_seconds(4);
  learner.set_episodes(50);
  learner.set_mean_return(480.5);
  learner.set_lag_mean(1.5);
  learner.set_lag_max(3);
  learner.set_dropped_unrolls(1);
  learner.set_rejected_unrolls(2);
  learner.set_refused_streams(3);
  learner.set_checkpoint("checkpoints/10");
  learner.mutable_evaluation()->set_episodes(100);
  learner.mutable_evaluation()->set_mean(499);
  learner.mutable_evaluation()->set_std(0.5);
  outcome.target.emplace();
  outcome.target->set_frames(990);
  outcome.target->set_seconds(3.5);
  return outcome;
}

TEST(SummaryTest, SaysAllThatTheDesignLists) {
  const nlohmann::json json = nlohmann::json::parse(SummaryJson(Finished()));
  const nlohmann::json expected = nlohmann::json::parse(R"({
    "name": "cartpole", "algorithm": "impala", "topology": "impala",
    "environment": "CartPole-v1", "seed": 3, "end_reason": "target_reached",
    "frames": 1000, "trained_frames": 900, "updates": 9, "version": 10,
    "seconds": 4.0, "frames_per_second": 250.0, "episodes": 50, "mean_return": 480.5,
    "eval": {"episodes": 100, "mean": 499.0, "std": 0.5},
    "policy_lag": {"mean": 1.5, "max": 3},
    "reached_target": true, "frames_to_target": 990, "seconds_to_target": 3.5,
    "dropped_unrolls": 1, "rejected_unrolls": 2, "refused_streams": 3,
    "checkpoint": "checkpoints/10"
  })");
  EXPECT_EQ(json, expected) << json.dump(2);
}

TEST(SummaryTest, WhatDidNotHappenIsNull) {
  Outcome outcome;
  outcome.end_reason = EndReason::stopped;
  const nlohmann::json json = nlohmann::json::parse(SummaryJson(outcome));
  for (const char* key : {"frames_per_second", "mean_return", "eval", "frames_to_target",
                          "seconds_to_target", "checkpoint"}) {
    ASSERT_TRUE(json.contains(key)) << key;
    EXPECT_TRUE(json[key].is_null()) << key;
  }
  EXPECT_EQ(json["reached_target"], false);
  EXPECT_EQ(json["end_reason"], "stopped");
}

TEST(SummaryTest, StaysJsonWhateverAMemberReports) {
  Outcome outcome = Finished();
  outcome.learner.set_mean_return(std::numeric_limits<double>::quiet_NaN());
  outcome.experiment.set_name("\"quoted\"\n");
  const nlohmann::json json = nlohmann::json::parse(SummaryJson(outcome));
  EXPECT_TRUE(json["mean_return"].is_null());
  EXPECT_EQ(json["name"], "\"quoted\"\n");
}

}  // namespace
}  // namespace drover
