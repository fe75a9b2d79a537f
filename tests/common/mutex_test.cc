#include "common/mutex.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

struct Shared {
  Mutex mutex;
  CondVar changed;
  int count DROVER_GUARDED_BY(mutex) = 0;
};

// As another thread sees it.
bool IsHeld(Mutex* mutex) {
  bool held = true;
  std::thread([&held, mutex] {
    if (!mutex->TryLock()) return;
    held = false;
    mutex->Unlock();
  }).join();
  return held;
}

TEST(MutexTest, OneThreadAtATime) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 10000;
  Shared shared;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        MutexLock lock(&shared.mutex);
        shared.count = shared.count + 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  MutexLock lock(&shared.mutex);
  EXPECT_EQ(shared.count, kThreads * kRounds);
}

TEST(MutexTest, TryLockFailsWhileItIsHeld) {
  Mutex mutex;
  mutex.Lock();
  EXPECT_TRUE(IsHeld(&mutex));
  mutex.Unlock();
  EXPECT_FALSE(IsHeld(&mutex));
}

TEST(CondVarTest, WaitGivesTheMutexBackAndSeesTheChange) {
  Shared shared;
  std::thread waiter([&] {
    MutexLock lock(&shared.mutex);
    while (shared.count < 3) shared.changed.Wait(&shared.mutex);
    shared.count = 100;
  });
  for (int i = 0; i < 3; ++i) {
    MutexLock lock(&shared.mutex);
    ++shared.count;
    shared.changed.NotifyOne();
  }
  waiter.join();
  MutexLock lock(&shared.mutex);
  EXPECT_EQ(shared.count, 100);
}

TEST(CondVarTest, WaitUntilReturnsAtTheDeadlineWithTheMutex) {
  Shared shared;
  const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(20);
  MutexLock lock(&shared.mutex);
  while (shared.changed.WaitUntil(&shared.mutex, deadline)) {
  }
  EXPECT_GE(Clock::now(), deadline);
  EXPECT_TRUE(IsHeld(&shared.mutex));
}

TEST(CondVarTest, WaitUntilWithoutDeadlineWaits) {
  Shared shared;
  std::atomic<bool> timed_out{false};
  std::thread waiter([&] {
    MutexLock lock(&shared.mutex);
    while (shared.count == 0) {
      if (!shared.changed.WaitUntil(&shared.mutex, CondVar::Time::max())) timed_out = true;
    }
  });
  {
    MutexLock lock(&shared.mutex);
    shared.count = 1;
    shared.changed.NotifyAll();
  }
  waiter.join();
  EXPECT_FALSE(timed_out);
}

}  // namespace
}  // namespace drover
