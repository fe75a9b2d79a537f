#include "common/tally.h"

#include <gtest/gtest.h>

#include <thread>

namespace drover {
namespace {

TEST(TallyTest, BoundsAreInclusiveAndTheLastCountIsAboveAll) {
  Tally tally({1, 2, 5});
  for (const double value : {0.5, 1.0, 1.5, 2.0, 5.0, 5.1, 100.0}) tally.Observe(value);
  EXPECT_EQ(tally.counts(), (std::vector<uint64_t>{2, 2, 1, 2}));
  EXPECT_DOUBLE_EQ(tally.sum(), 115.1);
}

TEST(TallyTest, CountsAValueSeveralTimes) {
  Tally tally({0, 1});
  tally.Observe(1, 20);
  tally.Observe(0, 5);
  EXPECT_EQ(tally.counts(), (std::vector<uint64_t>{5, 20, 0}));
  EXPECT_EQ(tally.sum(), 20);
}

TEST(TallyTest, LosesNothingBetweenThreads) {
  Tally tally(SecondsBounds());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&tally] {
      for (int n = 0; n < 10000; ++n) tally.Observe(0.5);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(tally.sum(), 20000);
  uint64_t total = 0;
  for (const uint64_t count : tally.counts()) total += count;
  EXPECT_EQ(total, 40000u);
}

TEST(TallyTest, BoundsAscend) {
  for (const std::vector<double>& bounds : {SecondsBounds(), LagBounds()}) {
    for (size_t i = 1; i < bounds.size(); ++i) EXPECT_LT(bounds[i - 1], bounds[i]);
  }
}

}  // namespace
}  // namespace drover
