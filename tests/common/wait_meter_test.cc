#include "common/wait_meter.h"

#include <chrono>

#include "gtest/gtest.h"

namespace drover {
namespace {

WaitMeter::Time At(int seconds) { return WaitMeter::Time(std::chrono::seconds(seconds)); }

TEST(WaitMeterTest, NobodyWaitsAtFirst) {
  const WaitMeter meter;
  EXPECT_EQ(meter.TotalSeconds(At(5)), 0);
  EXPECT_EQ(meter.CurrentSeconds(At(5)), 0);
}

TEST(WaitMeterTest, AddsUpWaits) {
  WaitMeter meter;
  meter.Begin(At(10));
  EXPECT_EQ(meter.CurrentSeconds(At(12)), 2);
  EXPECT_EQ(meter.TotalSeconds(At(12)), 2);
  meter.End(At(13));
  EXPECT_EQ(meter.CurrentSeconds(At(20)), 0);
  meter.Begin(At(20));
  EXPECT_EQ(meter.CurrentSeconds(At(24)), 4);
  EXPECT_EQ(meter.TotalSeconds(At(24)), 7);
}

TEST(WaitMeterTest, TimeInWhichSeveralWaitCountsOnce) {
  WaitMeter meter;
  meter.Begin(At(0));
  meter.Begin(At(2));
  meter.End(At(4));
  EXPECT_EQ(meter.CurrentSeconds(At(5)), 5);  // one still waits, without a gap
  meter.End(At(6));
  EXPECT_EQ(meter.TotalSeconds(At(9)), 6);
}

}  // namespace
}  // namespace drover
