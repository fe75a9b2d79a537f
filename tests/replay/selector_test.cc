#include "replay/selector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "common/random.h"

namespace drover {
namespace {

constexpr uint32_t kCapacity = 100;

// How often each slot is chosen in `draws` of them; checks that each says its share.
std::map<uint32_t, double> Shares(const Selector& selector, int draws) {
  Random random({7});
  std::map<uint32_t, double> shares;
  std::map<uint32_t, double> told;
  for (int i = 0; i < draws; ++i) {
    const Draw draw = selector.Sample(random.Uniform());
    shares[draw.slot] += 1.0 / draws;
    told[draw.slot] = draw.probability;
  }
  for (const auto& [slot, share] : shares) {
    const double sigma = std::sqrt(told[slot] * (1 - told[slot]) / draws);
    EXPECT_NEAR(share, told[slot], 5 * sigma + 1e-12) << slot;
  }
  return shares;
}

std::vector<uint32_t> OrderOf(const Selector& selector) {
  std::vector<uint32_t> slots = {1, 2, 3};
  selector.Order(&slots);
  return slots;
}

std::unique_ptr<Selector> Filled(SelectorConfig::Kind kind, double exponent = 1) {
  auto selector = MakeSelector(kind, exponent, kCapacity);
  for (const auto& [slot, priority] :
       std::vector<std::pair<uint32_t, double>>{{5, 2}, {99, 8}, {0, 4}, {50, 2}}) {
    selector->Insert(slot, priority);
  }
  return selector;
}

TEST(SelectorTest, UniformIgnoresPriorities) {
  const auto selector = Filled(SelectorConfig::uniform);
  const auto shares = Shares(*selector, 10'000);
  EXPECT_EQ(shares.size(), 4U);
  EXPECT_EQ(selector->mass(), 4);
  EXPECT_EQ(selector->Sample(0.3).probability, 0.25);
  selector->Erase(5);
  selector->Erase(50);
  EXPECT_EQ(Shares(*selector, 1000).size(), 2U);
  EXPECT_EQ(selector->Sample(0.9).probability, 0.5);
}

TEST(SelectorTest, FifoChoosesTheOldest) {
  const auto selector = Filled(SelectorConfig::fifo);
  EXPECT_EQ(selector->Sample(0.5).slot, 5U);
  EXPECT_EQ(selector->Sample(0.5).probability, 1);
  selector->Update(99, 1000);
  selector->Erase(5);
  EXPECT_EQ(selector->Sample(0.5).slot, 99U);
  selector->Erase(0);  // in the middle
  selector->Erase(99);
  EXPECT_EQ(selector->Sample(0.5).slot, 50U);
  selector->Erase(50);
  selector->Insert(3, 1);
  EXPECT_EQ(selector->Sample(0.5).slot, 3U);
  EXPECT_EQ(OrderOf(*selector), (std::vector<uint32_t>{3}));
}

TEST(SelectorTest, LifoChoosesTheNewest) {
  const auto selector = Filled(SelectorConfig::lifo);
  EXPECT_EQ(selector->Sample(0.5).slot, 50U);
  EXPECT_EQ(OrderOf(*selector), (std::vector<uint32_t>{5, 99, 0, 50}));
  selector->Erase(50);
  EXPECT_EQ(selector->Sample(0.5).slot, 0U);
}

TEST(SelectorTest, AReplacedSlotIsTheNewest) {
  const auto selector = Filled(SelectorConfig::lifo);
  selector->ReplaceAll({5, 0}, {1.0F, 1.0F});
  EXPECT_EQ(OrderOf(*selector), (std::vector<uint32_t>{99, 50, 5, 0}));
}

// P(i) = p_i^α / Σ p^α.
TEST(SelectorTest, PrioritizedFollowsItsFormula) {
  const auto selector = Filled(SelectorConfig::prioritized, 0.5);
  const double mass = 2 * std::sqrt(2) + std::sqrt(8) + 2;
  EXPECT_DOUBLE_EQ(selector->mass(), mass);
  const auto shares = Shares(*selector, 100'000);
  EXPECT_NEAR(shares.at(99), std::sqrt(8) / mass, 0.01);
  EXPECT_DOUBLE_EQ(selector->Sample(0.999).probability, std::sqrt(8) / mass);
  EXPECT_EQ(selector->Sample(0).slot, 0U);  // slots in ascending order
  EXPECT_EQ(selector->Sample(0.999).slot, 99U);
  selector->UpdateAll({0, 5, 0}, {100.0F, 0.0F, 16.0F});
  EXPECT_DOUBLE_EQ(selector->mass(), std::sqrt(2) + std::sqrt(8) + 4);
  selector->Erase(99);
  EXPECT_DOUBLE_EQ(selector->mass(), std::sqrt(2) + 4);
}

TEST(SelectorTest, AnExponentOfZeroIsUniform) {
  const auto selector = Filled(SelectorConfig::prioritized, 0);
  selector->Update(5, 0);
  EXPECT_EQ(Shares(*selector, 1000).size(), 4U);
  EXPECT_EQ(selector->Sample(0.5).probability, 0.25);
}

TEST(SelectorTest, APriorityOfZeroIsChosenOnlyIfThereIsNothingElse) {
  const auto selector = Filled(SelectorConfig::prioritized);
  selector->UpdateAll({5, 99, 50}, {0.0F, 0.0F, 0.0F});
  EXPECT_EQ(Shares(*selector, 1000).size(), 1U);
  selector->Update(0, 0);
  EXPECT_EQ(Shares(*selector, 1000).size(), 4U);
  EXPECT_DOUBLE_EQ(selector->Sample(0.5).probability, 0.25);
}

TEST(SelectorTest, TheLargestPrioritiesHaveAFiniteSum) {
  const auto selector = MakeSelector(SelectorConfig::prioritized, 10, kCapacity);
  for (uint32_t slot = 0; slot < kCapacity; ++slot) selector->Insert(slot, 3e38);
  EXPECT_TRUE(std::isfinite(selector->mass()));
  EXPECT_DOUBLE_EQ(selector->Sample(0.5).probability, 0.01);
}

// Random calls, and then one after the other out of the heap.
void CheckHeap(bool largest, uint64_t seed) {
  const auto kind = largest ? SelectorConfig::max_priority : SelectorConfig::min_priority;
  const auto selector = MakeSelector(kind, 1, kCapacity);
  Random random({seed});
  std::map<uint32_t, float> model;
  const auto check = [&] {
    ASSERT_EQ(selector->mass(), static_cast<double>(model.size()));
    if (model.empty()) return;
    float top = model.begin()->second;
    for (const auto& [slot, value] : model) {
      top = largest ? std::max(top, value) : std::min(top, value);
    }
    ASSERT_EQ(model.at(selector->Sample(0.5).slot), top);
    ASSERT_EQ(selector->Sample(0.5).probability, 1);
  };
  for (int i = 0; i < 500; ++i) {
    const auto slot = static_cast<uint32_t>(random.Below(kCapacity));
    const auto priority = static_cast<float>(random.Below(1000));
    if (model.count(slot) == 0) {
      selector->Insert(slot, static_cast<double>(priority));
      model[slot] = priority;
    } else if (random.Below(2) == 0) {
      selector->Update(slot, static_cast<double>(priority));
      model[slot] = priority;
    } else {
      selector->Erase(slot);
      model.erase(slot);
    }
    check();
  }
  while (!model.empty()) {
    const uint32_t slot = selector->Sample(0.5).slot;
    selector->Erase(slot);
    model.erase(slot);
    check();
  }
}

TEST(SelectorTest, HeapsKnowTheirExtremes) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    CheckHeap(/*largest=*/seed % 2 == 0, seed);
    if (HasFatalFailure()) return;
  }
}

TEST(SelectorTest, SeveralAtOnceAreTheSameAsOneByOne) {
  for (const auto kind : {SelectorConfig::uniform, SelectorConfig::prioritized}) {
    const auto selector = Filled(kind);
    std::vector<double> uniforms(500);
    for (size_t i = 0; i < uniforms.size(); ++i) uniforms[i] = static_cast<double>(i) / 500;
    std::vector<Draw> draws(uniforms.size());
    selector->SampleAll(uniforms, absl::MakeSpan(draws));
    for (size_t i = 0; i < draws.size(); ++i) {
      const Draw one = selector->Sample(uniforms[i]);
      EXPECT_EQ(draws[i].slot, one.slot);
      EXPECT_EQ(draws[i].probability, one.probability);
      EXPECT_EQ(draws[i].probability, selector->Probability(one.slot));
    }
  }
}

}  // namespace
}  // namespace drover
