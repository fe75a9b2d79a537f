#include "common/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace drover {
namespace {

constexpr int kDraws = 100000;

std::vector<uint64_t> Draw(Random random, size_t count) {
  std::vector<uint64_t> drawn(count);
  for (uint64_t& number : drawn) number = random.Next();
  return drawn;
}

// How far the mean of kDraws may be from the true one: five standard errors. Keys are fixed, so a
// test fails always or never.
double Tolerance(double variance) { return 5 * std::sqrt(variance / kDraws); }

// Published output of SplitMix64, whose stride is the golden ratio.
TEST(RandomTest, IsSplitMix64) {
  const Random random(Random::State{1234567, 0x9e3779b97f4a7c15});
  EXPECT_EQ(Draw(random, 5),
            (std::vector<uint64_t>{6457827717110365317U, 3203168211198807973U, 9817491932198370423U,
                                   4593380528125082431U, 16408922859458223821U}));
}

// Recorded runs stay reproducible only as long as these numbers stay.
TEST(RandomTest, KeysKeepTheirSequences) {
  EXPECT_EQ(Draw(Random({1, 2, 3, 4}), 2),
            (std::vector<uint64_t>{11030172612430032342U, 16014605295932864792U}));
  EXPECT_EQ(Draw(Random({}), 1), (std::vector<uint64_t>{7192185014346937746U}));
}

TEST(RandomTest, EachPartOfTheKeyMattersAndItsPlaceAndTheLength) {
  const std::vector<Random> randoms = {
      Random({1, 2, 3, 4}), Random({2, 2, 3, 4}), Random({1, 3, 3, 4}),    Random({1, 2, 4, 4}),
      Random({1, 2, 3, 5}), Random({2, 1, 3, 4}), Random({1, 2, 3, 4, 0}), Random({1, 2, 3})};
  std::set<uint64_t> drawn;
  for (const Random& random : randoms) {
    EXPECT_EQ(random.state().stride & 1, 1U);
    for (const uint64_t number : Draw(random, 1000)) drawn.insert(number);
  }
  EXPECT_EQ(drawn.size(), randoms.size() * 1000);
}

// Seeds of a run are small neighbouring integers: their first numbers must not look alike.
TEST(RandomTest, NeighbouringKeysAreIndependent) {
  double sum = 0;
  double product = 0;
  for (uint64_t key = 0; key < kDraws; ++key) {
    const double here = Random({7, key, 0, 0}).Uniform();
    sum += here;
    product += (here - 0.5) * (Random({7, key + 1, 0, 0}).Uniform() - 0.5);
  }
  EXPECT_NEAR(sum / kDraws, 0.5, Tolerance(1.0 / 12));
  EXPECT_NEAR(product / kDraws, 0, Tolerance(1.0 / 144));
}

TEST(RandomTest, ASavedStateGoesOn) {
  Random random({5});
  random.Next();
  random.Next();
  const Random restored(random.state());
  EXPECT_EQ(Draw(restored, 10), Draw(random, 10));
}

TEST(RandomTest, AForkIsUnrelatedAndMovesItsParent) {
  Random random({5});
  Random same({5});
  const std::vector<uint64_t> first = Draw(random.Fork(), 100);
  const std::vector<uint64_t> second = Draw(random.Fork(), 100);
  EXPECT_EQ(first, Draw(same.Fork(), 100));
  EXPECT_NE(first, second);
  EXPECT_NE(first, Draw(random, 100));
}

TEST(RandomTest, UniformFillsItsInterval) {
  Random random({11});
  double least = 1;
  double most = 0;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = i % 2 == 0 ? random.Uniform() : static_cast<double>(random.UniformFloat());
    ASSERT_TRUE(x >= 0 && x < 1) << x;
    least = std::min(least, x);
    most = std::max(most, x);
    sum += x;
    squares += x * x;
  }
  EXPECT_LT(least, 0.001);
  EXPECT_GT(most, 0.999);
  EXPECT_NEAR(sum / kDraws, 0.5, Tolerance(1.0 / 12));
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, Tolerance(4.0 / 45));
}

TEST(RandomTest, UniformScales) {
  Random random({12});
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.Uniform(-3, 1);
    ASSERT_TRUE(x >= -3 && x < 1) << x;
    sum += x;
  }
  EXPECT_NEAR(sum / kDraws, -1, Tolerance(16.0 / 12));
}

// From this state all bits of the next number are ones.
TEST(RandomTest, TheLargestUniformIsBelowOne) {
  const Random::State before_ones{0xcf9a04affa6badbf, 1};
  EXPECT_EQ(Random(before_ones).Next(), ~uint64_t{0});
  EXPECT_LT(Random(before_ones).Uniform(), 1.0);
  EXPECT_LT(Random(before_ones).UniformFloat(), 1.0F);
}

TEST(RandomTest, BelowIsEvenAndInRange) {
  Random random({13});
  constexpr uint64_t kSides = 7;
  std::array<int, kSides> counts{};
  for (int i = 0; i < kDraws; ++i) {
    const uint64_t x = random.Below(kSides);
    ASSERT_LT(x, kSides);
    ++counts[x];
  }
  for (const int count : counts) {
    EXPECT_NEAR(static_cast<double>(count) / kDraws, 1.0 / kSides, Tolerance(6.0 / 49));
  }
  EXPECT_EQ(random.Below(1), 0U);
}

// Where n is 3/4 of all 64-bit numbers, a plain multiplication would draw every third one twice
// as often; rejection makes them even.
TEST(RandomTest, BelowHasNoBiasForLargeBounds) {
  Random random({14});
  constexpr uint64_t kBound = uint64_t{3} << 62;
  int multiples = 0;
  for (int i = 0; i < kDraws; ++i) {
    const uint64_t x = random.Below(kBound);
    ASSERT_LT(x, kBound);
    if (x % 3 == 0) ++multiples;
  }
  EXPECT_NEAR(static_cast<double>(multiples) / kDraws, 1.0 / 3, Tolerance(2.0 / 9));
}

TEST(RandomTest, NormalHasTheMomentsOfANormal) {
  Random random({15});
  std::array<double, 5> sums{};
  int within_one = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.Normal();
    double power = 1;
    for (double& sum : sums) {
      sum += power;
      power *= x;
    }
    if (std::abs(x) < 1) ++within_one;
  }
  EXPECT_NEAR(sums[1] / kDraws, 0, Tolerance(1));
  EXPECT_NEAR(sums[2] / kDraws, 1, Tolerance(2));
  EXPECT_NEAR(sums[3] / kDraws, 0, Tolerance(15));
  EXPECT_NEAR(sums[4] / kDraws, 3, Tolerance(96));
  EXPECT_NEAR(static_cast<double>(within_one) / kDraws, std::erf(std::sqrt(0.5)), Tolerance(0.22));
}

}  // namespace
}  // namespace drover
