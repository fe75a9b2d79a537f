#include "coordinator/metrics_log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace drover {
namespace {

StatusReply Running() {
  StatusReply status;
  status.set_state(RunState::running);
  status.mutable_learner()->set_frames(1000);
  status.mutable_learner()->set_seconds(2.5);
  status.set_frames_per_second(400);
  (*status.mutable_metrics())["loss/value"] = 0.25;
  for (uint32_t i = 0; i < 3; ++i) {
    MemberStatus& member = *status.add_members();
    member.set_alive(i < 2);
    member.mutable_member()->set_role(Role::actor);
  }
  return status;
}

TEST(MetricsLogTest, ALineSaysHowTheRunStands) {
  StatusReply status = Running();
  const std::string line = MetricsLine(status, 1.5);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  nlohmann::json json = nlohmann::json::parse(line);
  EXPECT_EQ(json["time"], 1.5);
  EXPECT_EQ(json["state"], "running");
  EXPECT_EQ(json["frames"], 1000);
  EXPECT_EQ(json["seconds"], 2.5);
  EXPECT_EQ(json["frames_per_second"], 400);
  EXPECT_TRUE(json["mean_return"].is_null());
  EXPECT_EQ(json["members"], nlohmann::json::parse(R"({"actor": 2})"));
  EXPECT_EQ(json["metrics"], nlohmann::json::parse(R"({"loss/value": 0.25})"));

  status.mutable_learner()->set_episodes(4);
  status.mutable_learner()->set_mean_return(12.5);
  (*status.mutable_metrics())["loss/value"] = std::numeric_limits<double>::infinity();
  json = nlohmann::json::parse(MetricsLine(status, 1.5));
  EXPECT_EQ(json["mean_return"], 12.5);
  EXPECT_TRUE(json["metrics"]["loss/value"].is_null());
}

TEST(MetricsLogTest, ReplayServersSayWhatTheyHold) {
  StatusReply status = Running();
  EXPECT_FALSE(nlohmann::json::parse(MetricsLine(status, 1)).contains("replay"));
  MemberStatus& server = *status.add_members();
  server.mutable_member()->set_role(Role::replay);
  ReplayTableReport& table = *server.mutable_report()->mutable_replay()->add_tables();
  table.set_name("replay");
  table.set_sample_blocked_seconds(1.5);
  table.set_stale_keys(2);
  table.set_unknown_keys(3);
  table.set_refused_updates(4);
  server.mutable_report()->mutable_replay()->set_refused_calls(5);
  server.mutable_report()->mutable_replay()->set_late_messages(6);
  server.mutable_report()->mutable_replay()->set_incomplete_items(7);
  const nlohmann::json json = nlohmann::json::parse(MetricsLine(status, 1));
  ASSERT_EQ(json["replay"].size(), 1u);
  EXPECT_TRUE(json["replay"][0]["checkpoint_error"].is_null());
  EXPECT_EQ(json["replay"][0]["tables"][0]["name"], "replay");
  EXPECT_EQ(json["replay"][0]["tables"][0]["sample_blocked_seconds"], 1.5);
  EXPECT_EQ(json["replay"][0]["tables"][0]["stale_keys"], 2);
  EXPECT_EQ(json["replay"][0]["tables"][0]["unknown_keys"], 3);
  EXPECT_EQ(json["replay"][0]["tables"][0]["refused_updates"], 4);
  EXPECT_EQ(json["replay"][0]["refused_calls"], 5);
  EXPECT_EQ(json["replay"][0]["late_messages"], 6);
  EXPECT_EQ(json["replay"][0]["incomplete_items"], 7);
}

TEST(MetricsLogTest, EvaluationsHaveALineOfTheirOwn) {
  EvaluationPoint point;
  point.set_version(7);
  point.set_frames(800);
  point.mutable_evaluation()->set_episodes(10);
  point.mutable_evaluation()->set_mean(100);
  point.mutable_evaluation()->set_std(2);
  EXPECT_EQ(nlohmann::json::parse(EvaluationLine(point, 3)), nlohmann::json::parse(R"({"time": 3.0,
    "evaluation": {"version": 7, "frames": 800, "episodes": 10, "mean": 100.0, "std": 2.0}})"));
}

TEST(MetricsLogTest, AppendsWholeLinesAndGoesOnInAnOldFile) {
  const std::string path = ::testing::TempDir() + "/metrics.jsonl";
  std::remove(path.c_str());
  for (const std::string line : {"{\"a\":1}", "{\"b\":2}"}) {
    auto log = MetricsLog::Open(path);
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_TRUE(log->Append(line).ok());
  }
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  EXPECT_EQ(lines, (std::vector<std::string>{"{\"a\":1}", "{\"b\":2}"}));
}

TEST(MetricsLogTest, ErrorsNameTheFile) {
  const auto missing = MetricsLog::Open("/nowhere/metrics.jsonl");
  EXPECT_NE(missing.status().message().find("/nowhere/metrics.jsonl"), std::string::npos);
  auto full = MetricsLog::Open("/dev/full");
  ASSERT_TRUE(full.ok());
  EXPECT_FALSE(full->Append("{}").ok());
  EXPECT_FALSE(full->Append("{}").ok());
}

}  // namespace
}  // namespace drover
