#include "coordinator/member_rates.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

// A status in which an actor has made so many steps in so many seconds, on half a core.
StatusReply StatusAt(double seconds, uint64_t steps) {
  StatusReply status;
  status.mutable_learner()->set_seconds(seconds);
  status.mutable_learner()->set_trained_frames(steps);
  MemberStatus* const actor = status.add_members();
  actor->set_alive(true);
  actor->set_seconds_since_registration(seconds);
  actor->mutable_member()->set_pid(7);
  actor->mutable_report()->mutable_actor()->set_steps(steps);
  actor->mutable_report()->mutable_usage()->set_cpu_seconds(seconds / 2);
  return status;
}

TEST(MemberRatesTest, AreSinceTheEarlierAnswerElseSinceTheStart) {
  const StatusReply before = StatusAt(10, 1000);
  const StatusReply now = StatusAt(15, 2000);
  const MemberRates rates = RatesOf(Earlier(before), now.members(0));
  EXPECT_EQ(rates.rate, 200);
  EXPECT_EQ(rates.cores, 0.5);
  EXPECT_EQ(RatesOf(Earlier(before), now).trained, 200);
  const StatusReply none;
  EXPECT_EQ(RatesOf(Earlier(none), before.members(0)).rate, 100);
}

TEST(MemberRatesTest, OfAnotherLifeItCountsFromItsStart) {
  const StatusReply before = StatusAt(10, 1000);
  StatusReply now = StatusAt(2, 300);
  EXPECT_EQ(RatesOf(Earlier(before), now).trained, 150);
  now.mutable_members(0)->mutable_member()->set_pid(8);
  EXPECT_EQ(RatesOf(Earlier(before), now.members(0)).rate, 150);
}

TEST(MemberRatesTest, WhoIsGoneDoesNothing) {
  StatusReply now = StatusAt(10, 1000);
  now.mutable_members(0)->set_alive(false);
  const StatusReply none;
  EXPECT_EQ(RatesOf(Earlier(none), now.members(0)).rate, 0);
}

TEST(MemberRatesTest, SamplesPerInsertIsOfAllTables) {
  StatusReply now;
  const StatusReply none;
  EXPECT_EQ(RatesOf(Earlier(none), now).samples_per_insert, -1);
  for (const uint64_t samples : {30, 90}) {
    ReplayTableReport* const table =
        now.add_members()->mutable_report()->mutable_replay()->add_tables();
    table->set_inserts(10);
    table->set_samples(samples);
  }
  EXPECT_EQ(RatesOf(Earlier(none), now).samples_per_insert, 6);
}

}  // namespace
}  // namespace drover
