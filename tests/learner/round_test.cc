#include "learner/round.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace drover {
namespace {

std::unique_ptr<Unrolls> Message(uint64_t sequence) {
  auto message = std::make_unique<Unrolls>();
  message->set_sequence(sequence);
  return message;
}

// Of each message its sequence, which here is its member's id.
std::vector<uint64_t> Sequences(const std::vector<std::unique_ptr<Unrolls>>& messages) {
  std::vector<uint64_t> sequences;
  for (const auto& message : messages) sequences.push_back(message->sequence());
  return sequences;
}

void Deliver(uint64_t member, Round* round) {
  ASSERT_TRUE(round->Awaits(member));
  round->Add(member, Message(member));
}

TEST(Round, ComesInTheOrderOfItsMembers) {
  for (const bool elastic : {false, true}) {
    Round round(3, elastic);
    for (const uint64_t member : {5, 9, 2}) {
      EXPECT_FALSE(round.complete());
      Deliver(member, &round);
      EXPECT_FALSE(round.Awaits(member));
    }
    EXPECT_TRUE(round.complete());
    EXPECT_FALSE(round.Awaits(1));  // it is full
    EXPECT_EQ(Sequences(round.Take()), (std::vector<uint64_t>{2, 5, 9}));
    EXPECT_FALSE(round.complete());
    EXPECT_FALSE(round.Awaits(2));  // not before the next
    round.Begin({2, 5, 9}, {2, 5, 9});
    EXPECT_TRUE(round.Awaits(2));
  }
}

TEST(Round, AStrictOneWaitsForWhoeverDied) {
  Round round(2, /*elastic=*/false);
  Deliver(1, &round);
  round.KeepOnly({1});
  EXPECT_FALSE(round.complete());
  Deliver(2, &round);
  EXPECT_TRUE(round.complete());
}

TEST(Round, AnElasticOneWaitsForTheLiving) {
  Round round(2, /*elastic=*/true);
  Deliver(1, &round);
  Deliver(2, &round);
  round.Take();
  round.Begin({1}, {1, 2, 3});  // 2 has no stream just now, but took part; 3 never had one
  Deliver(1, &round);
  EXPECT_FALSE(round.complete());
  EXPECT_FALSE(round.Awaits(3));
  round.KeepOnly({1, 2, 3});
  EXPECT_FALSE(round.complete());
  round.KeepOnly({1, 3});
  EXPECT_TRUE(round.complete());
  EXPECT_EQ(Sequences(round.Take()), (std::vector<uint64_t>{1}));
}

TEST(Round, WhoDeliveredAndDiedCounts) {
  Round round(2, /*elastic=*/true);
  Deliver(1, &round);
  round.KeepOnly({2});
  Deliver(2, &round);
  EXPECT_EQ(Sequences(round.Take()), (std::vector<uint64_t>{1, 2}));
}

TEST(Round, TheFirstWaitsForAllButThoseWhoDied) {
  Round round(3, /*elastic=*/true);
  round.Arrived(1);
  round.Arrived(2);
  round.KeepOnly({1, 2});
  Deliver(1, &round);
  round.KeepOnly({1});
  EXPECT_FALSE(round.complete());  // the third may yet come
  Deliver(3, &round);
  EXPECT_TRUE(round.complete());
  round.Arrived(2);  // it is back
  EXPECT_FALSE(round.complete());
  Deliver(2, &round);
  EXPECT_EQ(round.Take().size(), 3U);
}

TEST(Round, OneThatAllDesertedIsForWhoComes) {
  Round round(1, /*elastic=*/true);
  EXPECT_FALSE(round.deserted());
  Deliver(1, &round);
  round.Take();
  round.Begin({1}, {1});
  round.KeepOnly({});
  EXPECT_FALSE(round.complete());
  EXPECT_TRUE(round.deserted());
  round.Begin({4}, {4});
  Deliver(4, &round);
  EXPECT_TRUE(round.complete());
}

}  // namespace
}  // namespace drover
