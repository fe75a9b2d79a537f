#include "replay/rate_limiter.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/random.h"

namespace drover {
namespace {

RateLimit Limit(uint32_t min_size, double samples_per_insert, double min_diff, double max_diff) {
  RateLimit limit;
  limit.min_size = min_size;
  limit.samples_per_insert = samples_per_insert;
  limit.min_diff = min_diff;
  limit.max_diff = max_diff;
  return limit;
}

TEST(RateLimiterTest, WithoutBoundsOnlyTheSizeCounts) {
  RateLimiter limiter{RateLimit()};
  EXPECT_FALSE(limiter.CanSample(1, 0));
  EXPECT_TRUE(limiter.CanInsert(1'000'000, 0));
  limiter.Inserted(1);
  EXPECT_TRUE(limiter.CanSample(1'000'000, 1));
  EXPECT_TRUE(limiter.CanInsert(1'000'000, 1));
}

TEST(RateLimiterTest, NothingIsSampledBelowTheMinimumSize) {
  RateLimit limit;
  limit.min_size = 3;
  const RateLimiter limiter(limit);
  EXPECT_FALSE(limiter.CanSample(1, 2));
  EXPECT_TRUE(limiter.CanSample(1, 3));
  limit.min_size = 0;  // an empty table has nothing to sample
  EXPECT_FALSE(RateLimiter(limit).CanSample(1, 0));
}

// D + n · samples_per_insert <= max_diff.
TEST(RateLimiterTest, InsertsWaitForSamples) {
  RateLimiter limiter(Limit(1, 2, -100, 10));
  limiter.Inserted(3);  // D = 6
  EXPECT_TRUE(limiter.CanInsert(2, 3));
  EXPECT_FALSE(limiter.CanInsert(3, 3));
  limiter.Sampled(2);  // D = 4
  EXPECT_TRUE(limiter.CanInsert(3, 3));
}

// D - n >= min_diff.
TEST(RateLimiterTest, SamplesWaitForInserts) {
  RateLimiter limiter(Limit(1, 2, 1, 100));
  limiter.Inserted(3);  // D = 6
  EXPECT_TRUE(limiter.CanSample(5, 3));
  EXPECT_FALSE(limiter.CanSample(6, 3));
  limiter.Sampled(5);
  EXPECT_FALSE(limiter.CanSample(1, 3));
  EXPECT_EQ(limiter.state().balance, 1);
  EXPECT_EQ(limiter.state().inserts, 3U);
  EXPECT_EQ(limiter.state().samples, 5U);
}

TEST(RateLimiterTest, InsertsAreFreeUntilTheMinimumSize) {
  RateLimiter limiter(Limit(10, 1, 0, 2));
  limiter.Inserted(9);  // D = 9, far above
  EXPECT_TRUE(limiter.CanInsert(5, 9));
  EXPECT_FALSE(limiter.CanInsert(1, 10));
}

// min(…, band / 2): what is wider than half the band passes as if it were that wide.
TEST(RateLimiterTest, AWideBatchWaitsForNoMoreThanHalfTheBand) {
  RateLimiter limiter(Limit(1, 1, 0, 10));
  limiter.Inserted(5);
  EXPECT_TRUE(limiter.CanSample(256, 5));
  EXPECT_TRUE(limiter.CanInsert(256, 5));
  limiter.Inserted(1);
  EXPECT_FALSE(limiter.CanInsert(256, 6));
  EXPECT_TRUE(limiter.CanInsert(4, 6));
  limiter.Sampled(256);
  EXPECT_FALSE(limiter.CanSample(1, 6));
  EXPECT_TRUE(limiter.CanInsert(256, 6));
}

TEST(RateLimiterTest, OneOfBothSidesCanAlwaysGoOn) {
  Random random({3});
  for (int i = 0; i < 2000; ++i) {
    const double low = random.Uniform(-50, 50);
    RateLimiter limiter(Limit(static_cast<uint32_t>(random.Below(20)), random.Uniform(0.01, 20),
                              low, low + random.Uniform(0.1, 100)));
    uint64_t size = 0;
    for (int step = 0; step < 100; ++step) {
      const uint64_t insert = 1 + random.Below(300);
      const uint64_t sample = 1 + random.Below(300);
      const bool can_insert = limiter.CanInsert(insert, size);
      const bool can_sample = limiter.CanSample(sample, size);
      ASSERT_TRUE(can_insert || can_sample);
      if (can_insert && (random.Below(2) == 0 || !can_sample)) {
        limiter.Inserted(insert);
        size += insert;
      } else {
        limiter.Sampled(sample);
      }
    }
  }
}

TEST(RateLimiterTest, AChangeCountsFromThenOn) {
  RateLimiter limiter(Limit(1, 8, -1000, 1000));
  limiter.Inserted(100);
  limiter.Sampled(700);
  limiter.Change(Limit(1, 2, -10, 110));
  EXPECT_EQ(limiter.state().balance, 100);
  EXPECT_TRUE(limiter.CanInsert(5, 100));
  limiter.Inserted(5);
  EXPECT_EQ(limiter.state().balance, 110);
  EXPECT_FALSE(limiter.CanInsert(1, 105));
}

TEST(RateLimiterTest, ALimitMustMakeSense) {
  EXPECT_TRUE(RateLimit().Check().ok());
  const double nan = std::nan("");
  for (const RateLimit& limit : {Limit(1, 0, 0, 1), Limit(1, -1, 0, 1), Limit(1, nan, 0, 1),
                                 Limit(1, RateLimit::kInfinity, 0, 1), Limit(1, 1, 2, 1),
                                 Limit(1, 1, 1, 1), Limit(1, 1, nan, 1), Limit(1, 1, 0, nan)}) {
    EXPECT_TRUE(absl::IsInvalidArgument(limit.Check()));
  }
}

// As Reverb's SampleToInsertRatio(samples_per_insert, min_size, error_buffer).
TEST(RateLimiterTest, AnErrorBufferLiesAroundTheMinimumSize) {
  RateLimitConfig config;
  config.set_min_size(1000);
  config.set_samples_per_insert(4);
  config.set_error_buffer(100);
  const RateLimit limit = RateLimit::Of(config);
  EXPECT_EQ(limit.min_diff, 3900);
  EXPECT_EQ(limit.max_diff, 4100);
  config.set_max_diff(5000);
  EXPECT_EQ(RateLimit::Of(config).max_diff, 5000);
  EXPECT_EQ(RateLimit::Of({}).max_diff, RateLimit::kInfinity);
}

}  // namespace
}  // namespace drover
