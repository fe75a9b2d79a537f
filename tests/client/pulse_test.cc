#include "client/pulse.h"

#include <chrono>
#include <thread>

#include "common/mutex.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// Counts calls, and waits for them.
class Calls {
 public:
  void Add() {
    MutexLock lock(&mutex_);
    ++count_;
    changed_.NotifyAll();
  }

  bool WaitFor(int count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    MutexLock lock(&mutex_);
    while (count_ < count) {
      if (!changed_.WaitUntil(&mutex_, deadline)) return false;
    }
    return true;
  }

  int count() {
    MutexLock lock(&mutex_);
    return count_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  int count_ DROVER_GUARDED_BY(mutex_) = 0;
};

TEST(PulseTest, BeatsWhenNothingIsSent) {
  Calls beats;
  Calls ends;
  Pulse pulse(
      {milliseconds(1), hours(1)}, [&] { beats.Add(); }, [&] { ends.Add(); });
  EXPECT_TRUE(beats.WaitFor(5));
  EXPECT_EQ(ends.count(), 0);
}

TEST(PulseTest, DoesNotBeatWhileOthersSend) {
  Calls beats;
  Calls ends;
  {
    Pulse pulse(
        {hours(1), milliseconds(50)}, [&] { beats.Add(); }, [&] { ends.Add(); });
    EXPECT_TRUE(ends.WaitFor(1));
  }
  EXPECT_EQ(beats.count(), 0);
}

TEST(PulseTest, GivesASilentPeerUpOnce) {
  Calls beats;
  Calls ends;
  {
    Pulse pulse(
        {milliseconds(1), milliseconds(20)}, [&] { beats.Add(); }, [&] { ends.Add(); });
    EXPECT_TRUE(ends.WaitFor(1));
  }
  EXPECT_EQ(ends.count(), 1);
}

TEST(PulseTest, SilenceIsCountedFromTheLastWord) {
  constexpr milliseconds kSilence(200);
  Calls ends;
  Pulse pulse(
      {hours(1), kSilence}, [] {}, [&] { ends.Add(); });
  std::this_thread::sleep_for(kSilence / 2);
  const auto spoken = std::chrono::steady_clock::now();
  pulse.Received();
  EXPECT_TRUE(ends.WaitFor(1));
  EXPECT_GE(std::chrono::steady_clock::now() - spoken, kSilence);
}

TEST(PulseTest, EndsWhileItWaits) {
  Pulse pulse(
      {hours(1), hours(1)}, [] {}, [] {});
}

}  // namespace
}  // namespace drover
