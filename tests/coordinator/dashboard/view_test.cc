#include "coordinator/dashboard/view.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <nlohmann/json.hpp>

namespace drover {
namespace {

using nlohmann::json;

MemberStatus* Add(StatusReply* status, Role::Kind role, uint32_t index) {
  MemberStatus* const member = status->add_members();
  member->set_alive(true);
  member->mutable_member()->set_role(role);
  member->mutable_member()->set_index(index);
  member->mutable_member()->set_member_id(100 * role + index);
  return member;
}

void AddWait(MemberStatus* member, double seconds) {
  Wait* const wait = member->mutable_report()->add_waits();
  wait->set_on("credits");
  wait->set_seconds(seconds);
}

json ViewOf(const StatusReply& before, const StatusReply& now) {
  return json::parse(ViewJson(before, now));
}

TEST(ViewTest, WhoWaitsLongestComesFirst) {
  StatusReply now;
  AddWait(Add(&now, Role::actor, 0), 1);
  AddWait(Add(&now, Role::actor, 1), 3);
  MemberStatus* const gone = Add(&now, Role::actor, 2);
  AddWait(gone, 9);
  gone->set_alive(false);
  for (uint32_t i = 3; i < 100; ++i) AddWait(Add(&now, Role::actor, i), 0.5);
  const json waits = ViewOf(StatusReply(), now)["waits"];
  ASSERT_EQ(waits.size(), 50u);
  EXPECT_EQ(waits[0]["who"], "actor 1");
  EXPECT_EQ(waits[1]["who"], "actor 0");
}

TEST(ViewTest, TheLagIsThatSinceTheEarlierAnswer) {
  const auto status_of = [](std::initializer_list<uint64_t> counts) {
    StatusReply status;
    Histogram* const lag = Add(&status, Role::learner, 0)->mutable_report()->add_histograms();
    lag->set_name("policy_lag_versions");
    for (const uint64_t count : counts) lag->add_counts(count);
    return status;
  };
  EXPECT_EQ(ViewOf(status_of({5, 1}), status_of({7, 4}))["lag"]["counts"], json({2, 3}));
  // A learner that was started anew.
  EXPECT_EQ(ViewOf(status_of({5, 1}), status_of({2, 1}))["lag"]["counts"], json({2, 1}));
}

TEST(ViewTest, OfActorsThePageHasTheMeanThread) {
  StatusReply now;
  for (const double share : {0.2, 0.6}) {
    auto& metrics = *Add(&now, Role::actor, 0)->mutable_report()->mutable_metrics();
    metrics["clock_seconds"] = 10;
    metrics["environment_seconds"] = 10 * share;
    metrics["wait_seconds"] = 10 * (1 - share);
  }
  const json threads = ViewOf(StatusReply(), now)["threads"];
  ASSERT_EQ(threads.size(), 1u);
  EXPECT_EQ(threads[0]["who"], "actors (mean of 2)");
  for (const json& part : threads[0]["parts"]) {
    if (part[0] == "environment") EXPECT_NEAR(part[1], 0.4, 1e-9);
  }
}

TEST(ViewTest, CountsTheActorsThatThereShouldBe) {
  StatusReply now;
  now.mutable_experiment()->mutable_actors()->set_count(2);
  EXPECT_EQ(ViewOf(StatusReply(), now)["actors"], 2);
  now.set_desired_actors(6);
  EXPECT_EQ(ViewOf(StatusReply(), now)["actors"], 6);
}

TEST(ViewTest, StatisticsAreNeitherTimesNorCounts) {
  StatusReply now;
  for (const char* name : {"value_loss", "train_step_seconds", "gradients_late", "encodings"}) {
    (*now.mutable_metrics())[name] = 1;
  }
  EXPECT_EQ(ViewOf(StatusReply(), now)["statistics"], json({{"value_loss", 1.0}}));
}

}  // namespace
}  // namespace drover
