#include "replay/insert_outbox.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(InsertOutbox, SaysOneThingAfterTheOther) {
  InsertOutbox outbox;
  EXPECT_FALSE(outbox.Next());
  outbox.Heartbeat();
  outbox.Drain();
  outbox.Acknowledge(5, 50);
  outbox.Reject(4, "bad");
  outbox.Welcome(3, 30);
  EXPECT_TRUE(outbox.rejecting());
  EXPECT_EQ(outbox.Next()->welcome().last_sequence(), 3U);
  EXPECT_EQ(outbox.Next()->welcome().frames(), 30U);  // until it is sent
  outbox.Sent();
  EXPECT_EQ(outbox.Next()->rejected().sequence(), 4U);
  outbox.Sent();
  EXPECT_FALSE(outbox.rejecting());
  EXPECT_EQ(outbox.Next()->ack().sequence(), 5U);
  outbox.Sent();
  EXPECT_TRUE(outbox.Next()->has_drain());
  outbox.Sent();
  EXPECT_FALSE(outbox.Next());  // a heartbeat says no more than what was sent
}

TEST(InsertOutbox, TheNewestAcknowledgementStandsForAll) {
  InsertOutbox outbox;
  for (uint64_t sequence = 1; sequence <= 9; ++sequence)
    outbox.Acknowledge(sequence, 10 * sequence);
  EXPECT_EQ(outbox.Next()->ack().sequence(), 9U);
  EXPECT_EQ(outbox.Next()->ack().frames(), 90U);
  outbox.Sent();
  EXPECT_FALSE(outbox.Next());
}

}  // namespace
}  // namespace drover
