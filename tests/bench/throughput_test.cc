#include "bench/throughput.h"

#include <gtest/gtest.h>

#include <map>

namespace drover {
namespace {

MemberStatus* AddMember(RunSample* sample, Role::Kind role, uint64_t id,
                        const std::map<std::string, double>& metrics) {
  MemberStatus* status = sample->status.add_members();
  status->set_alive(true);
  status->mutable_member()->set_role(role);
  status->mutable_member()->set_member_id(id);
  status->mutable_member()->set_epoch(1);
  status->mutable_report()->mutable_metrics()->insert(metrics.begin(), metrics.end());
  return status;
}

// A run after `updates` train steps of 10 unrolls of 20 steps, each of which took half a second.
RunSample After(uint64_t updates) {
  const auto n = static_cast<double>(updates);
  RunSample sample;
  sample.seconds = 100 + 0.5 * n;
  sample.status.mutable_experiment()->mutable_actors()->set_unroll(20);
  sample.status.mutable_experiment()->mutable_learner()->set_batch(10);
  LearnerReport* learner = sample.status.mutable_learner();
  learner->set_seconds(0.5 * n);
  learner->set_trained_frames(200 * updates);
  learner->set_frames(210 * updates);
  learner->set_version(1 + updates);
  learner->set_lag_mean(n / 10);  // the mean of the later ones is larger
  learner->set_lag_max(4);
  learner->set_dropped_unrolls(updates);
  AddMember(&sample, Role::learner, 1,
            {{"clock_seconds", 0.5 * n},
             {"forward_backward_seconds", 0.3 * n},
             {"optimizer_seconds", 0.1 * n},
             {"wait_seconds", 0.05 * n},
             {"assemble_seconds", 0.25 * n},
             {"receive_seconds", 0.01 * n}});
  MemberStatus* actor = AddMember(&sample, Role::actor, 2,
                                  {{"clock_seconds", 0.5 * n}, {"inference_seconds", 0.4 * n}});
  actor->mutable_report()->mutable_actor()->set_steps(205 * updates);
  actor = AddMember(&sample, Role::actor, 3, {{"clock_seconds", 1000 + n}});
  actor->mutable_report()->mutable_actor()->set_steps(10 * updates);
  sample.processes = {{"coordinator", 11, {0.001 * n, 10, 1}},
                      {"learner 0", 12, {0.5 * n, 20 + updates, 2}},
                      {"actor 0", 13, {0.499 * n, 30, 3}}};
  return sample;
}

TEST(ThroughputTest, RatesAreThoseBetweenTheMoments) {
  const auto result = MeasureBetween(After(10), After(30));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_DOUBLE_EQ(result->seconds, 10);
  EXPECT_DOUBLE_EQ(result->frames_per_second, 400);
  EXPECT_DOUBLE_EQ(result->received_frames_per_second, 420);
  EXPECT_DOUBLE_EQ(result->acted_frames_per_second, 420);
  EXPECT_DOUBLE_EQ(result->versions_per_second, 2);
  EXPECT_DOUBLE_EQ(result->frames_per_cpu_second, 200);
  EXPECT_DOUBLE_EQ(result->lag_mean, (3.0 * 30 - 1.0 * 10) / 20);
  EXPECT_EQ(result->lag_max, 4U);
  EXPECT_EQ(result->dropped_unrolls, 20U);
  EXPECT_EQ(result->batch_unrolls, 10U);
  EXPECT_EQ(result->batch_steps, 200U);
  EXPECT_DOUBLE_EQ(result->receive_cores, 0.02);
  ASSERT_EQ(result->processes.size(), 3U);
  EXPECT_DOUBLE_EQ(result->processes[1].cores, 1);
  EXPECT_EQ(result->processes[1].usage.resident_bytes, 50U);
}

TEST(ThroughputTest, ABatchOfReplayIsOfItems) {
  RunSample end = After(30);
  end.status.mutable_experiment()->set_topology(Topology::d4pg);
  end.status.mutable_experiment()->mutable_replay()->add_tables()->set_steps(5);
  const auto result = MeasureBetween(After(10), end);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->batch_steps, 50U);
}

TEST(ThroughputTest, EachThreadsPartsAreSharesOfItsTime) {
  const auto result = MeasureBetween(After(10), After(30));
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->threads.size(), 4U);
  const Throughput::Thread& train = result->threads[0];
  EXPECT_EQ(train.name, "learner 0 train");
  EXPECT_EQ(train.parts[0].first, "forward-backward");
  EXPECT_DOUBLE_EQ(train.parts[0].second, 0.6);
  EXPECT_DOUBLE_EQ(train.sum(), 0.9);  // a tenth is missing, and shows
  EXPECT_DOUBLE_EQ(result->threads[1].sum(), 0.5);
  EXPECT_EQ(result->threads[2].name, "actor 0 act");
  EXPECT_DOUBLE_EQ(result->threads[2].sum(), 0.8);
}

TEST(ThroughputTest, ARunThatDidNotGoOnAsItWasIsAnError) {
  RunSample restarted = After(30);
  restarted.status.mutable_members(1)->mutable_member()->set_epoch(2);
  EXPECT_FALSE(MeasureBetween(After(10), restarted).ok());
  RunSample other = After(30);
  other.processes[2].pid = 99;
  EXPECT_FALSE(MeasureBetween(After(10), other).ok());
  EXPECT_FALSE(MeasureBetween(After(10), After(10)).ok());
}

}  // namespace
}  // namespace drover
