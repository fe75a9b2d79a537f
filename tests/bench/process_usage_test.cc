#include "bench/process_usage.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <vector>

namespace drover {
namespace {

constexpr size_t kBlock = size_t{64} << 20;

TEST(ProcessUsageTest, MemoryThatIsWrittenIsResidentAndPrivate) {
  const auto before = ReadProcessUsage(getpid());
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_GT(before->resident_bytes, before->private_bytes);  // it runs shared code
  const std::vector<char> block(kBlock, 'x');
  const auto after = ReadProcessUsage(getpid());
  ASSERT_TRUE(after.ok()) << after.status();
  // Sanitizers add to what the block needs.
  EXPECT_GE(after->resident_bytes, before->resident_bytes + kBlock / 2);
  EXPECT_GE(after->private_bytes, before->private_bytes + kBlock / 2);
  EXPECT_EQ(block.back(), 'x');
}

TEST(ProcessUsageTest, CpuTimeGrowsWithWork) {
  const double before = ReadProcessUsage(getpid())->cpu_seconds;
  volatile uint64_t work = 0;
  double now = before;
  while (now == before) {  // at most two ticks of 10 ms
    for (int i = 0; i < 100000; ++i) work = work + 1;
    now = ReadProcessUsage(getpid())->cpu_seconds;
  }
  EXPECT_GT(now, before);
  EXPECT_LT(now - before, 10);
}

TEST(ProcessUsageTest, WhoIsGoneIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ReadProcessUsage(0x7fffffff).status()));
}

TEST(LoadAverageTest, IsWhatTheKernelSays) { EXPECT_GE(LoadAverage(), 0); }

}  // namespace
}  // namespace drover
