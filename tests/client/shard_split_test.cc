#include "client/shard_split.h"

#include <gtest/gtest.h>

#include "common/random.h"

namespace drover {
namespace {

size_t CountOf(const std::vector<ShardShare>& shares, size_t shard) {
  for (const ShardShare& share : shares) {
    if (share.shard == shard) return share.count;
  }
  return 0;
}

TEST(ShardSplit, OneShardGetsAll) {
  const auto shares = SplitByMass({0, 5, 0}, 32, 0.5);
  ASSERT_EQ(shares.size(), 1U);
  EXPECT_EQ(shares[0].shard, 1U);
  EXPECT_EQ(shares[0].count, 32U);
  EXPECT_EQ(shares[0].probability, 1);
}

TEST(ShardSplit, EachGetsItsPartRoundedUpOrDown) {
  const std::vector<double> masses{1, 2.5, 0, 0.001, 7};
  const double total = 10.501;
  Random random({1});
  std::vector<double> sums(masses.size());
  constexpr int kBatches = 20'000;
  constexpr size_t kCount = 33;
  for (int i = 0; i < kBatches; ++i) {
    const auto shares = SplitByMass(masses, kCount, random.Uniform());
    size_t all = 0;
    for (const ShardShare& share : shares) {
      const double expected = kCount * masses[share.shard] / total;
      EXPECT_NEAR(static_cast<double>(share.count), expected, 1);
      EXPECT_NEAR(share.probability, masses[share.shard] / total, 1e-12);
      all += share.count;
    }
    EXPECT_EQ(all, kCount);
    for (size_t s = 0; s < masses.size(); ++s) sums[s] += static_cast<double>(CountOf(shares, s));
  }
  for (size_t s = 0; s < masses.size(); ++s) {
    EXPECT_NEAR(sums[s] / kBatches, kCount * masses[s] / total, 0.02) << s;
  }
}

TEST(ShardSplit, RoundingLosesNothing) {
  for (const double u : {0.0, 0.5, 1 - 0x1p-53}) {
    for (const size_t count : {1U, 7U, 1000U}) {
      for (const std::vector<double>& masses :
           {std::vector<double>{0.1, 0.2, 0.3}, {1e-300, 1e300}, {1e-300, 0}, {0.7, 0.1, 0, 0}}) {
        size_t all = 0;
        for (const ShardShare& share : SplitByMass(masses, count, u)) {
          EXPECT_GT(share.count, 0U);
          EXPECT_GT(masses[share.shard], 0);
          all += share.count;
        }
        EXPECT_EQ(all, count);
      }
    }
  }
}

}  // namespace
}  // namespace drover
