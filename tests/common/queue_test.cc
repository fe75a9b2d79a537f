#include "common/queue.h"

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point Soon() { return Clock::now() + std::chrono::milliseconds(20); }
Clock::time_point Late() { return Clock::now() + std::chrono::seconds(60); }

TEST(QueueTest, FirstInFirstOut) {
  Queue<int> queue(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.Push(int{i}));
  EXPECT_EQ(queue.size(), 3U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.Pop(), i);
  EXPECT_EQ(queue.size(), 0U);
}

TEST(QueueTest, AFullQueueRefusesAndLeavesTheItem) {
  Queue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.TryPush(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.TryPush(std::move(second)));
  EXPECT_FALSE(queue.Push(std::move(second), Soon()));
  ASSERT_NE(second, nullptr);  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_EQ(*queue.Pop().value(), 1);
  EXPECT_TRUE(queue.TryPush(std::move(second)));
}

TEST(QueueTest, AnEmptyQueueHasNothing) {
  Queue<int> queue(1);
  EXPECT_EQ(queue.TryPop(), std::nullopt);
  const Clock::time_point deadline = Soon();
  EXPECT_EQ(queue.Pop(deadline), std::nullopt);
  EXPECT_GE(Clock::now(), deadline);
  EXPECT_FALSE(queue.closed());
}

TEST(QueueTest, CloseDrains) {
  Queue<int> queue(2);
  EXPECT_TRUE(queue.Push(1));
  queue.Close();
  queue.Close();
  EXPECT_TRUE(queue.closed());
  EXPECT_FALSE(queue.Push(2));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(QueueTest, CloseWakesAllWhoWait) {
  Queue<int> full(1);
  Queue<int> empty(1);
  EXPECT_TRUE(full.Push(1));
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] { EXPECT_FALSE(full.Push(2)); });
    threads.emplace_back([&] { EXPECT_EQ(empty.Pop(), std::nullopt); });
  }
  while (full.waits().push_current == 0 || empty.waits().pop_current == 0) {
    std::this_thread::yield();
  }
  full.Close();
  empty.Close();
  for (std::thread& thread : threads) thread.join();
}

TEST(QueueTest, PushWaitsForPop) {
  Queue<int> queue(1);
  EXPECT_TRUE(queue.Push(1));
  std::thread producer([&] { EXPECT_TRUE(queue.Push(2, Late())); });
  while (queue.waits().push_current == 0) std::this_thread::yield();
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(Late()), 2);
  producer.join();
  EXPECT_EQ(queue.waits().push_current, 0);
  EXPECT_GT(queue.waits().push_total, 0);
}

TEST(QueueTest, TellsWhoIsBlocked) {
  Queue<int> queue(1);
  EXPECT_EQ(queue.waits().pop_total, 0);
  std::thread consumer([&] { EXPECT_EQ(queue.Pop(Late()), 7); });
  while (queue.waits().pop_current == 0) std::this_thread::yield();
  EXPECT_EQ(queue.waits().push_current, 0);
  EXPECT_TRUE(queue.Push(7));
  consumer.join();
  EXPECT_EQ(queue.waits().pop_current, 0);
  EXPECT_GT(queue.waits().pop_total, 0);
  EXPECT_EQ(queue.waits().push_total, 0);
}

TEST(QueueTest, ManyThreadsLoseNothing) {
  constexpr int kThreads = 3;
  constexpr int kItems = 3000;
  Queue<int> queue(4);
  std::vector<int> sums(kThreads, 0);
  std::vector<std::thread> producers;
  std::vector<std::thread> consumers;
  for (int t = 0; t < kThreads; ++t) {
    producers.emplace_back([&] {
      for (int i = 1; i <= kItems; ++i) EXPECT_TRUE(queue.Push(int{i}));
    });
    consumers.emplace_back([&, t] {
      while (const std::optional<int> item = queue.Pop()) sums[t] += *item;
    });
  }
  for (std::thread& thread : producers) thread.join();
  queue.Close();
  for (std::thread& thread : consumers) thread.join();
  int sum = 0;
  for (const int part : sums) sum += part;
  EXPECT_EQ(sum, kThreads * kItems * (kItems + 1) / 2);
}

}  // namespace
}  // namespace drover
