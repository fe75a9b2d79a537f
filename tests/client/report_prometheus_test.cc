#include "client/report_prometheus.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "client/own_usage.h"
#include "client/report_histogram.h"

namespace drover {
namespace {

std::string Text(Role::Kind role, const Report& report) {
  PrometheusText text;
  AddReport({{"role", Role::Kind_Name(role)}, {"index", "3"}}, role, report, &text);
  return text.text();
}

#define EXPECT_LINE(text, line) EXPECT_TRUE(absl::StrContains(text, line "\n")) << (text)

TEST(ReportPrometheusTest, Learner) {
  Tally lag({0, 1});
  lag.Observe(1, 40);
  Report report;
  report.mutable_learner()->set_frames(1000);
  report.mutable_learner()->set_checkpoint_error("disk full");
  AddHistogram("policy_lag_versions", lag, &report);
  (*report.mutable_metrics())["clock_seconds"] = 5;
  (*report.mutable_metrics())["forward_backward_seconds"] = 2.5;
  (*report.mutable_metrics())["policy_loss"] = -0.25;
  const std::string text = Text(Role::learner, report);
  EXPECT_LINE(text, "drover_learner_frames_total{role=\"learner\",index=\"3\"} 1000");
  EXPECT_LINE(text, "drover_learner_checkpoint_failing{role=\"learner\",index=\"3\"} 1");
  EXPECT_LINE(
      text, "drover_learner_policy_lag_versions_bucket{role=\"learner\",index=\"3\",le=\"1\"} 40");
  EXPECT_LINE(text,
              "drover_thread_seconds_total{role=\"learner\",index=\"3\",thread=\"train\","
              "part=\"forward-backward\"} 2.5");
  EXPECT_LINE(text, "drover_statistic{role=\"learner\",index=\"3\",name=\"policy_loss\"} -0.25");
  EXPECT_FALSE(absl::StrContains(text, "clock_seconds"));
  EXPECT_FALSE(absl::StrContains(text, "return_mean")) << "there was no episode";
}

TEST(ReportPrometheusTest, ActorAndItsProcess) {
  Report report;
  report.mutable_actor()->set_steps(7);
  report.add_waits()->set_on("credits");
  report.mutable_waits(0)->set_seconds(1.5);
  *report.mutable_usage() = OwnUsage();
  EXPECT_GT(report.usage().resident_bytes(), 1u << 20);
  EXPECT_GT(report.usage().cpu_seconds(), 0);
  const std::string text = Text(Role::actor, report);
  EXPECT_LINE(text, "drover_actor_steps_total{role=\"actor\",index=\"3\"} 7");
  EXPECT_LINE(text, "drover_wait_seconds{role=\"actor\",index=\"3\",on=\"credits\"} 1.5");
  EXPECT_TRUE(absl::StrContains(text, "drover_process_resident_bytes{"));
}

TEST(ReportPrometheusTest, ReplayByTable) {
  Report report;
  ReplayTableReport* table = report.mutable_replay()->add_tables();
  table->set_name("replay");
  table->set_inserts(12);
  const std::string text = Text(Role::replay, report);
  EXPECT_LINE(text, "drover_replay_inserts_total{role=\"replay\",index=\"3\",table=\"replay\"} 12");
}

TEST(ReportPrometheusTest, AnUnknownHistogramIsLeftOut) {
  Report report;
  report.add_histograms()->set_name("bad name{");
  EXPECT_EQ(Text(Role::actor, report), "");
}

}  // namespace
}  // namespace drover
