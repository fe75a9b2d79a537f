#include "common/signals.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "common/queue.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

StopSignal::Time Late() { return std::chrono::steady_clock::now() + std::chrono::seconds(60); }

TEST(StopSignalTest, NotAtFirst) {
  const StopSignal stop;
  EXPECT_FALSE(stop.requested());
  EXPECT_EQ(stop.reason(), "");
  EXPECT_FALSE(stop.WaitUntil(std::chrono::steady_clock::now() + std::chrono::milliseconds(10)));
}

TEST(StopSignalTest, ASignalWakesTheWaiter) {
  const StopSignal stop;
  ASSERT_EQ(kill(getpid(), SIGTERM), 0);
  EXPECT_TRUE(stop.WaitUntil(Late()));
  EXPECT_TRUE(stop.requested());
  EXPECT_EQ(stop.reason(), "SIGTERM");
}

TEST(StopSignalTest, CtrlC) {
  const StopSignal stop;
  ASSERT_EQ(kill(getpid(), SIGINT), 0);
  EXPECT_TRUE(stop.WaitUntil(Late()));
  EXPECT_EQ(stop.reason(), "SIGINT");
}

TEST(StopSignalTest, TheFirstReasonCounts) {
  StopSignal stop;
  stop.Request("parent died");
  stop.Request("later");
  EXPECT_TRUE(stop.WaitUntil(Late()));
  EXPECT_EQ(stop.reason(), "parent died");
}

TEST(StopSignalTest, WakesWhoWaitsOnSomethingElse) {
  Queue<int> queue(1);
  StopSignal stop;
  stop.OnRequest([&queue] { queue.Close(); });
  std::thread blocked([&queue] { EXPECT_EQ(queue.Pop(Late()), std::nullopt); });
  ASSERT_EQ(kill(getpid(), SIGTERM), 0);
  blocked.join();
  EXPECT_TRUE(queue.closed());
}

TEST(StopSignalTest, CallbacksRunOnceEachLateOnesAtOnce) {
  StopSignal stop;
  int early = 0;
  int late = 0;
  stop.OnRequest([&early] { ++early; });
  EXPECT_EQ(early, 0);
  stop.Request("x");
  stop.Request("x");
  EXPECT_EQ(early, 1);
  stop.OnRequest([&late] { ++late; });
  EXPECT_EQ(late, 1);
  EXPECT_EQ(early, 1);
}

// The process must outlive a signal that has no reader yet, or no longer one.
TEST(StopSignalTest, ThreadsStartedLaterBlockTheSignals) {
  const StopSignal stop;
  std::thread([] {
    sigset_t blocked;
    ASSERT_EQ(pthread_sigmask(SIG_BLOCK, nullptr, &blocked), 0);
    EXPECT_EQ(sigismember(&blocked, SIGTERM), 1);
    EXPECT_EQ(sigismember(&blocked, SIGINT), 1);
  }).join();
}

void Interrupt(int first, int second) {
  const StopSignal stop;
  kill(getpid(), first);
  stop.WaitUntil(Late());
  kill(getpid(), second);
  std::this_thread::sleep_until(Late());
}

TEST(StopSignalDeathTest, ASecondCtrlCEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(Interrupt(SIGINT, SIGINT), ::testing::ExitedWithCode(130), "");
}

TEST(StopSignalTest, FurtherSigtermsDoNot) {
  const StopSignal stop;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(kill(getpid(), SIGTERM), 0);
    ASSERT_TRUE(stop.WaitUntil(Late()));
    sigset_t pending;
    do {  // until the watch has read it
      ASSERT_EQ(sigpending(&pending), 0);
    } while (sigismember(&pending, SIGTERM) == 1);
  }
  EXPECT_EQ(stop.reason(), "SIGTERM");
}

}  // namespace
}  // namespace drover
