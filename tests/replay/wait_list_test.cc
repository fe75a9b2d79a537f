#include "replay/wait_list.h"

#include <gtest/gtest.h>

#include <string>

namespace drover {
namespace {

WaitList::Time At(int seconds) { return WaitList::Time() + std::chrono::seconds(seconds); }

TEST(WaitListTest, KeepsTheOrderAndHandsOutWakes) {
  WaitList waiting;
  std::string woken;
  for (const char name : {'a', 'b', 'c'}) {
    EXPECT_NE(waiting.Add(
                  static_cast<uint64_t>(name), [&woken, name] { woken += name; }, At(0)),
              0U);
  }
  ASSERT_EQ(waiting.size(), 3U);
  EXPECT_EQ(waiting.items(1), static_cast<uint64_t>('b'));
  waiting.Take(1, At(1))();
  waiting.Take(0, At(1))();
  EXPECT_EQ(woken, "ba");
  EXPECT_EQ(waiting.items(0), static_cast<uint64_t>('c'));
}

TEST(WaitListTest, WhoGaveUpIsNotThere) {
  WaitList waiting;
  const auto first = waiting.Add(
      1, [] {}, At(0));
  const auto second = waiting.Add(
      2, [] {}, At(0));
  EXPECT_TRUE(waiting.Cancel(first, At(1)));
  EXPECT_FALSE(waiting.Cancel(first, At(1)));
  EXPECT_EQ(waiting.items(0), 2U);
  waiting.Take(0, At(2));
  EXPECT_FALSE(waiting.Cancel(second, At(3)));
}

TEST(WaitListTest, TheFirstInLineKeepsItsPlaceUntilItGivesItUp) {
  WaitList waiting;
  int calls = 0;
  const auto first = waiting.Add(
      1, [&] { ++calls; }, At(0));
  const auto second = waiting.Add(
      2, [&] { calls += 100; }, At(0));
  EXPECT_TRUE(waiting.IsFirst(first));
  EXPECT_FALSE(waiting.IsFirst(second));
  waiting.CallFirst()();
  EXPECT_FALSE(waiting.CallFirst());  // it has not been refused since
  EXPECT_TRUE(waiting.Stay(first, 7, [&] { calls += 10; }));
  EXPECT_EQ(waiting.items(0), 7U);
  waiting.CallFirst()();
  EXPECT_EQ(calls, 11);
  EXPECT_TRUE(waiting.Cancel(first, At(1)));
  EXPECT_FALSE(waiting.Stay(first, 1, [] {}));
  waiting.CallFirst()();
  EXPECT_EQ(calls, 111);
}

TEST(WaitListTest, MeasuresSinceWhenSomeoneWaits) {
  WaitList waiting;
  const auto first = waiting.Add(
      1, [] {}, At(10));
  waiting.Add(
      1, [] {}, At(12));
  waiting.Cancel(first, At(13));
  EXPECT_EQ(waiting.meter().CurrentSeconds(At(15)), 5);
  waiting.Take(0, At(20));
  EXPECT_EQ(waiting.meter().CurrentSeconds(At(30)), 0);
  EXPECT_EQ(waiting.meter().TotalSeconds(At(30)), 10);
}

}  // namespace
}  // namespace drover
