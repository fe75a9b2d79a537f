#include "cli/status_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace drover {
namespace {

using testing::HasSubstr;

StatusReply Running() {
  StatusReply status;
  status.set_run_id("run");
  status.set_run_dir("/runs/x");
  status.set_state(RunState::running);
  status.mutable_learner()->set_frames(9007199254740993);  // more than a double holds
  status.set_frames_per_second(12.5);
  (*status.mutable_metrics())["loss"] = 0.5;
  MemberStatus& actor = *status.add_members();
  actor.set_alive(true);
  actor.set_seconds_since_renewal(0.25);
  actor.mutable_member()->set_role(Role::actor);
  actor.mutable_member()->set_index(3);
  actor.mutable_member()->set_pid(4711);
  actor.mutable_member()->set_epoch(8);
  Wait& wait = *actor.mutable_report()->add_waits();
  wait.set_on("credits");
  wait.set_seconds(1.5);
  MemberStatus& gone = *status.add_members();
  gone.mutable_member()->set_role(Role::evaluator);
  return status;
}

TEST(StatusTextTest, NamesMembersAndWhoWaitsOnWhat) {
  const std::string text = StatusText(Running());
  EXPECT_THAT(text, HasSubstr("actor 3      alive  process 4711     heard of 0.25 s ago"
                              "   waits for credits since 1.50 s\n"));
  EXPECT_THAT(text, HasSubstr("evaluator 0  gone "));
}

TEST(StatusTextTest, JsonSaysTheSame) {
  const nlohmann::json json = nlohmann::json::parse(StatusJson(Running()));
  EXPECT_EQ(json["run_id"], "run");
  EXPECT_EQ(json["run_dir"], "/runs/x");
  EXPECT_EQ(json["state"], "running");
  EXPECT_TRUE(json["end_reason"].is_null());
  EXPECT_EQ(json["frames"], 9007199254740993);
  EXPECT_EQ(json["frames_per_second"], 12.5);
  EXPECT_TRUE(json["mean_return"].is_null());
  EXPECT_EQ(json["metrics"], nlohmann::json::parse(R"({"loss": 0.5})"));
  ASSERT_EQ(json["members"].size(), 2u);
  EXPECT_EQ(json["members"][0], nlohmann::json::parse(R"({
    "role": "actor", "index": 3, "pid": 4711, "epoch": 8, "alive": true,
    "seconds_since_renewal": 0.25, "waits": [{"on": "credits", "seconds": 1.5}], "metrics": {}
  })"));
  EXPECT_EQ(json["members"][1]["alive"], false);
}

TEST(StatusTextTest, SaysWhatReplayServersHold) {
  StatusReply status = Running();
  MemberStatus& member = *status.add_members();
  member.mutable_member()->set_role(Role::replay);
  ReplayReport& replay = *member.mutable_report()->mutable_replay();
  replay.set_frames(12);
  replay.set_checkpoint_error("disk full");
  ReplayTableReport& table = *replay.add_tables();
  table.set_name("transitions");
  table.set_size(1234);
  table.set_capacity(1000000);
  table.set_inserts_per_second(25);
  table.set_samples_per_second(400);
  const std::string text = StatusText(status);
  EXPECT_THAT(text, HasSubstr("    table transitions  1,234 of 1,000,000 items, 25.0 inserts/s,"
                              " 400 samples/s\n"));
  EXPECT_THAT(text, HasSubstr("ALARM: no checkpoint of replay can be written: disk full\n"));
  const nlohmann::json json = nlohmann::json::parse(StatusJson(status))["members"][2];
  EXPECT_EQ(json["frames"], 12);
  EXPECT_EQ(json["checkpoint_error"], "disk full");
  EXPECT_EQ(json["tables"][0]["size"], 1234);
  EXPECT_EQ(json["tables"][0]["samples_per_second"], 400);
}

}  // namespace
}  // namespace drover
