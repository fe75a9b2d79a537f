#include "replay/sum_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "common/random.h"

namespace drover {
namespace {

TEST(SumTreeTest, FindsTheSlotAtAMass) {
  SumTree tree(5);
  tree.Set({0, 1, 3, 4}, {1.0, 2.0, 4.0, 0.5});
  EXPECT_EQ(tree.total(), 7.5);
  EXPECT_EQ(tree.Get(3), 4.0);
  const std::vector<std::pair<double, uint32_t>> expected = {{0, 0}, {0.99, 0}, {1, 1}, {2.99, 1},
                                                             {3, 3}, {6.99, 3}, {7, 4}, {7.49, 4}};
  for (const auto& [mass, slot] : expected) EXPECT_EQ(tree.Find(mass), slot) << mass;
}

TEST(SumTreeTest, AMassOutOfRangeCountsAsTheNearest) {
  SumTree tree(100);
  tree.Set({17, 80}, {1.0, 1.0});
  EXPECT_EQ(tree.Find(-1), 17U);
  EXPECT_EQ(tree.Find(2), 80U);
  EXPECT_EQ(tree.Find(1e300), 80U);
}

TEST(SumTreeTest, TheLastOfASlotGivenTwiceCounts) {
  SumTree tree(10);
  tree.Set({3, 3}, {1.0, 2.0});
  EXPECT_EQ(tree.total(), 2.0);
  tree.Set(3, 0);
  EXPECT_EQ(tree.total(), 0.0);
}

class SumTreeSizes : public ::testing::TestWithParam<uint32_t> {};

TEST_P(SumTreeSizes, AgreesWithPlainSums) {
  const uint32_t capacity = GetParam();
  Random random({1, capacity});
  SumTree tree(capacity);
  std::vector<double> weights(capacity);
  for (uint32_t slot = 0; slot < capacity; ++slot) {
    weights[slot] = static_cast<double>(random.Below(4));  // integers: sums are exact
    tree.Set(slot, weights[slot]);
  }
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  ASSERT_EQ(tree.total(), total);
  std::vector<double> sums(capacity);
  std::partial_sum(weights.begin(), weights.end(), sums.begin());
  std::vector<double> masses;
  for (int i = 0; i < 1000 && total > 0; ++i) masses.push_back(random.Uniform(0, total));
  std::vector<uint32_t> slots(masses.size());
  tree.Find(masses, absl::MakeSpan(slots));
  for (size_t i = 0; i < masses.size(); ++i) {
    const auto found = std::upper_bound(sums.begin(), sums.end(), masses[i]);
    EXPECT_EQ(slots[i], static_cast<uint32_t>(found - sums.begin()));
  }
}

INSTANTIATE_TEST_SUITE_P(Capacities, SumTreeSizes,
                         ::testing::Values(1, 2, 7, 8, 9, 63, 64, 65, 512, 513, 10'000, 300'000));

// Weights over 30 orders of magnitude would leave little of a sum that is only added to.
TEST(SumTreeTest, DoesNotDriftInAMillionUpdates) {
  constexpr uint32_t kCapacity = 5000;
  constexpr size_t kBatch = 50;
  Random random({2});
  SumTree tree(kCapacity);
  std::vector<double> weights(kCapacity);
  std::vector<uint32_t> slots(kBatch);
  std::vector<double> values(kBatch);
  for (int update = 0; update < 1'000'000; update += kBatch) {
    for (size_t i = 0; i < kBatch; ++i) {
      slots[i] = static_cast<uint32_t>(random.Below(kCapacity));
      values[i] = std::pow(10.0, random.Uniform(-15, 15));
      weights[slots[i]] = values[i];
    }
    tree.Set(slots, values);
  }
  for (uint32_t slot = 0; slot < kCapacity; ++slot) ASSERT_EQ(tree.Get(slot), weights[slot]);
  const auto exact = [&] {
    const long double sum = std::accumulate(weights.begin(), weights.end(), 0.0L);
    return static_cast<double>(sum);
  };
  EXPECT_NEAR(tree.total() / exact(), 1, 1e-14);
  for (uint32_t slot = 0; slot < kCapacity; ++slot) {  // nothing is left of the large ones
    if (weights[slot] < 1e-10) continue;
    weights[slot] = 0;
    tree.Set(slot, 0);
  }
  EXPECT_NEAR(tree.total() / exact(), 1, 1e-14);
}

TEST(SumTreeTest, NeverFindsAWeightOfZero) {
  constexpr uint32_t kCapacity = 1000;
  Random random({3});
  SumTree tree(kCapacity);
  for (int round = 0; round < 100; ++round) {
    for (uint32_t slot = 0; slot < kCapacity; ++slot) {
      tree.Set(slot, random.Below(10) == 0 ? random.Uniform() : 0);
    }
    for (int i = 0; i < 200; ++i) {
      // The edges between slots, where sums in different orders round differently.
      const double share = i == 0 ? 1 : random.Uniform();
      ASSERT_GT(tree.Get(tree.Find(share * tree.total())), 0);
    }
    ASSERT_GT(tree.Get(tree.Find(std::nextafter(tree.total(), 0))), 0);
  }
}

// 2^24 slots, of which nobody has touched most: their pages take no memory.
TEST(SumTreeTest, TakesTheLargestTable) {
  SumTree tree(1 << 24);
  tree.Set({0, (1 << 24) - 1}, {1.0, 3.0});
  EXPECT_EQ(tree.Find(0.5), 0U);
  EXPECT_EQ(tree.Find(1), (1U << 24) - 1);
}

}  // namespace
}  // namespace drover
