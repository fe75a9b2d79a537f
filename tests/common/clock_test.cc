#include "common/clock.h"

#include <ctime>

#include "gtest/gtest.h"

namespace drover {
namespace {

TEST(ClockTest, MonotonicSecondsAreSecondsAndDoNotGoBack) {
  timespec before{};
  ASSERT_EQ(clock_gettime(CLOCK_MONOTONIC, &before), 0);
  const double first = MonotonicSeconds();
  const double second = MonotonicSeconds();
  timespec after{};
  ASSERT_EQ(clock_gettime(CLOCK_MONOTONIC, &after), 0);
  EXPECT_GE(first, static_cast<double>(before.tv_sec));
  EXPECT_LE(second, static_cast<double>(after.tv_sec + 1));
  EXPECT_LE(first, second);
}

TEST(ClockTest, UnixMicrosAreMicroseconds) {
  const std::time_t before = std::time(nullptr);
  const uint64_t micros = UnixMicros();
  const std::time_t after = std::time(nullptr);
  // time() may lag behind by a tick of the kernel.
  EXPECT_GE(micros / 1000000, static_cast<uint64_t>(before));
  EXPECT_LE(micros / 1000000, static_cast<uint64_t>(after) + 1);
}

}  // namespace
}  // namespace drover
