#include "common/rpc/connection_limiter.h"

#include "gtest/gtest.h"

namespace drover {
namespace {

using Time = ConnectionLimiter::Time;
using std::chrono::milliseconds;

TEST(ConnectionLimiterTest, ABurstThenARate) {
  ConnectionLimiter limiter(3, 10);
  const Time start;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.Admit("a", start)) << i;
  EXPECT_FALSE(limiter.Admit("a", start));
  EXPECT_TRUE(limiter.Admit("b", start));
  EXPECT_FALSE(limiter.Admit("a", start + milliseconds(50)));
  EXPECT_TRUE(limiter.Admit("a", start + milliseconds(101)));
  EXPECT_FALSE(limiter.Admit("a", start + milliseconds(102)));
  // Never more than the burst.
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.Admit("a", start + milliseconds(60000))) << i;
  EXPECT_FALSE(limiter.Admit("a", start + milliseconds(60000)));
}

TEST(ConnectionLimiterTest, ManyAddressesShareABucketAndTakeNoMoreMemory) {
  ConnectionLimiter limiter(2, 1);
  const Time start = Time() + milliseconds(10000);
  for (size_t i = 0; i < ConnectionLimiter::kMostAddresses; ++i) {
    EXPECT_TRUE(limiter.Admit(std::to_string(i), start));
  }
  EXPECT_TRUE(limiter.Admit("x", start));
  EXPECT_TRUE(limiter.Admit("y", start));
  EXPECT_FALSE(limiter.Admit("z", start));
  EXPECT_TRUE(limiter.Admit("7", start)) << "who is known keeps its own";
  // Those that came long ago are forgotten.
  const Time later = start + milliseconds(5000);
  for (const char* name : {"x", "x", "y", "y", "z", "z"}) EXPECT_TRUE(limiter.Admit(name, later));
  EXPECT_FALSE(limiter.Admit("z", later));
}

}  // namespace
}  // namespace drover
