#include "cli/status_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace drover {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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
  actor.mutable_member()->set_host("node7");
  actor.mutable_member()->set_epoch(8);
  Wait& wait = *actor.mutable_report()->add_waits();
  wait.set_on("credits");
  wait.set_seconds(1.5);
  MemberStatus& gone = *status.add_members();
  gone.mutable_member()->set_role(Role::evaluator);
  Event& event = *status.add_events();
  event.set_unix_seconds(12.5);
  event.set_kind(Event::lost);
  event.set_text("evaluator 0");
  return status;
}

TEST(StatusTextTest, NamesMembersAndWhoWaitsOnWhat) {
  const std::string text = StatusText(Running());
  EXPECT_THAT(text, HasSubstr("actor 3      alive  process 4711     heard of 0.25 s ago   on node7"
                              "   waits for credits since 1.50 s\n"));
  EXPECT_THAT(text, HasSubstr("evaluator 0  gone "));
}

TEST(StatusTextTest, GradientsHaveNoQueueOfUnrolls) {
  StatusReply status = Running();
  EXPECT_THAT(StatusText(status), HasSubstr("queue"));
  status.mutable_experiment()->set_topology(Topology::a3c);
  EXPECT_THAT(StatusText(status), ::testing::Not(HasSubstr("queue")));
}

StatusReply Replaying() {
  StatusReply status = Running();
  status.mutable_experiment()->set_topology(Topology::d4pg);
  MemberStatus& server = *status.add_members();
  server.mutable_member()->set_role(Role::replay);
  server.mutable_member()->set_index(1);
  ReplayReport& report = *server.mutable_report()->mutable_replay();
  report.set_checkpoint_error("No space left on device");
  ReplayTableReport& table = *report.add_tables();
  table.set_name("replay");
  table.set_size(1234);
  table.set_capacity(5000);
  table.set_inserts_per_second(10.5);
  table.set_insert_blocked_seconds(2.5);
  table.set_samples_per_second(640);
  return status;
}

TEST(StatusTextTest, ShowsReplaysTablesAndWhomTheyHoldBack) {
  const std::string text = StatusText(Replaying());
  EXPECT_THAT(text, HasSubstr("    table replay   1,234 of 5,000 items   10.5 inserts/s, held back "
                              "2.50 s   640 samples/s, held back 0.00 s\n"));
  EXPECT_THAT(
      text, HasSubstr("ALARM: no checkpoint of replay 1 can be written: No space left on device"));
  EXPECT_THAT(text, Not(HasSubstr("  queue ")));
  const nlohmann::json json = nlohmann::json::parse(StatusJson(Replaying()));
  EXPECT_FALSE(json["members"][0].contains("replay"));
  const nlohmann::json& replay = json["members"][2]["replay"];
  EXPECT_EQ(replay["checkpoint_error"], "No space left on device");
  EXPECT_EQ(replay["tables"][0]["size"], 1234);
  EXPECT_EQ(replay["tables"][0]["insert_blocked_seconds"], 2.5);
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
    "role": "actor", "index": 3, "host": "node7", "pid": 4711, "epoch": 8, "alive": true,
    "seconds_since_renewal": 0.25, "waits": [{"on": "credits", "seconds": 1.5}], "metrics": {}
  })"));
  EXPECT_EQ(json["members"][1]["alive"], false);
  EXPECT_EQ(json["events"],
            nlohmann::json::parse(R"([{"time": 12.5, "kind": "lost", "text": "evaluator 0"}])"));
}

}  // namespace
}  // namespace drover
