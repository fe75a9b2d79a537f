#include "learner/actor_outbox.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(ActorOutbox, SendsTheFirstThingFirst) {
  ActorOutbox outbox;
  EXPECT_FALSE(outbox.Next());
  outbox.Heartbeat();
  outbox.Grant(4, 0);
  outbox.Grant(2, 0);
  outbox.Reject(7, "why");
  outbox.Welcome(6, "state");

  EXPECT_EQ(outbox.Next()->welcome().last_sequence(), 6U);
  EXPECT_TRUE(outbox.Next()->has_welcome());  // until it is sent
  outbox.Sent();
  EXPECT_EQ(outbox.Next()->rejected().sequence(), 7U);
  EXPECT_TRUE(outbox.rejecting());
  outbox.Sent();
  EXPECT_FALSE(outbox.rejecting());
  EXPECT_EQ(outbox.Next()->credit().unrolls(), 6U);
  outbox.Sent();
  EXPECT_FALSE(outbox.Next());  // the others were as good as a heartbeat
}

TEST(ActorOutbox, HeartbeatWhenThereIsNothingElse) {
  ActorOutbox outbox;
  outbox.Heartbeat();
  EXPECT_TRUE(outbox.Next()->has_heartbeat());
  outbox.Sent();
  EXPECT_FALSE(outbox.Next());
}

TEST(ActorOutbox, DrainVoidsCredits) {
  ActorOutbox outbox;
  outbox.Grant(4, 0);
  outbox.Drain();
  EXPECT_TRUE(outbox.Next()->has_drain());
  outbox.Sent();
  EXPECT_FALSE(outbox.Next());
}

}  // namespace
}  // namespace drover
