#include "common/rpc/backoff.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace drover {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, GrowsWithinItsBounds) {
  const std::vector<int> lows = {100, 200, 400, 800, 1000, 1000, 1000};
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Backoff backoff(Random({seed}));
    for (const int low : lows) {
      const milliseconds delay = backoff.Next();
      EXPECT_GE(delay, milliseconds(low));
      EXPECT_LE(delay, std::min(milliseconds(2 * low), Backoff::kMost));
    }
  }
}

TEST(BackoffTest, ResetBeginsAnew) {
  Backoff backoff(Random({1}));
  for (int i = 0; i < 10; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_LE(backoff.Next(), milliseconds(200));
}

TEST(BackoffTest, PeersDoNotKeepStep) {
  std::set<milliseconds> delays;
  for (uint64_t seed = 0; seed < 50; ++seed) delays.insert(Backoff(Random({seed})).Next());
  EXPECT_GT(delays.size(), 20U);
}

}  // namespace
}  // namespace drover
