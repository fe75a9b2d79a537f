// A table under random calls against a model that is too simple to be wrong: a map of its items.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "common/random.h"
#include "replay/key.h"
#include "replay/table.h"
#include "tests/replay/chunks.h"

namespace drover {
namespace {

using testing::kSteps;

struct Item {
  float priority = 0;
  uint32_t times_sampled = 0;
  uint64_t number = 0;  // in the order of inserts
  const Chunk* chunk = nullptr;
};
using Items = std::map<uint64_t, Item>;  // by key

struct Case {
  SelectorConfig::Kind sampler;
  SelectorConfig::Kind remover;
  uint32_t max_times_sampled;
  bool limited;
};

class TableModelTest : public ::testing::TestWithParam<Case> {
 protected:
  static constexpr uint32_t kCapacity = 40;
  static constexpr double kExponent = 0.7;

  static TableOptions Options() {
    TableOptions options;
    options.name = "t";
    options.sampler = GetParam().sampler;
    options.remover = GetParam().remover;
    options.priority_exponent = kExponent;
    options.capacity = kCapacity;
    options.max_times_sampled = GetParam().max_times_sampled;
    if (GetParam().limited) {
      options.rate_limit.min_size = 5;
      options.rate_limit.samples_per_insert = 2;
      options.rate_limit.min_diff = -20;
      options.rate_limit.max_diff = 60;
    }
    return options;
  }

  // What is in the table now.
  Items Contents() const {
    TableSnapshot snapshot(kSteps);
    table_->TakeSnapshot(&snapshot);
    Items items;
    for (uint32_t slot = 0; slot < snapshot.slots.size(); ++slot) {
      const Slot& item = snapshot.slots[slot];
      if (!item.occupied()) continue;
      const uint64_t key = Key{0, item.generation, slot}.bits();
      items[key] = {item.priority, item.times_sampled, 0, item.window.chunk()};
    }
    return items;
  }

  uint64_t Pick() {
    auto item = model_.begin();
    std::advance(item, random_.Below(model_.size()));
    return item->first;
  }

  float NewPriority() { return random_.Below(8) == 0 ? 0 : random_.UniformFloat() * 9; }

  double Weight(float priority) const {
    return std::max(std::pow(static_cast<double>(priority), kExponent), 1e-300);
  }
  double Mass() const {
    if (GetParam().sampler != SelectorConfig::prioritized)
      return static_cast<double>(model_.size());
    double mass = 0;
    for (const auto& [key, item] : model_) mass += Weight(item.priority);
    return mass;
  }

  void Insert();
  void CheckEvicted(const Items& evicted) const;
  void Sample();
  void CheckDraw(uint64_t key, double probability) const;
  void Update();
  void Delete();
  void CheckAll() const;

  const ChunkLayout chunks_{*UnrollLayout::Make(testing::TestSpec())};
  std::unique_ptr<Table> table_ = std::make_unique<Table>(Options(), kSteps, 0, 1);
  Random random_ = Random({5});
  Items model_;
  std::set<uint64_t> keys_;     // ever given out
  std::set<uint64_t> removed_;  // of those, no longer there
  uint64_t inserted_ = 0;
  float max_priority_ = 0;
  double balance_ = 0;
};

void TableModelTest::Insert() {
  const auto count = static_cast<uint32_t>(1 + random_.Below(6));
  const RateLimit limit = Options().rate_limit;
  const double cost = std::min(count * limit.samples_per_insert,
                               (limit.max_diff - limit.min_diff) * 0.5 * (1 - 1e-9));
  const bool allowed =
      model_.size() < std::max(1U, limit.min_size) || balance_ + cost <= limit.max_diff;
  const auto ticket = table_->AwaitInsert(count, [] {});
  ASSERT_EQ(ticket == 0, allowed);
  if (!allowed) {
    ASSERT_TRUE(table_->CancelInsert(ticket));
    return;
  }
  const ChunkRef chunk = testing::MakeChunk(testing::Message(1, count), chunks_, nullptr, count);
  std::vector<Window> windows;
  std::vector<float> priorities;
  const bool given = random_.Below(2) == 0;
  for (uint32_t i = 0; i < count; ++i) {
    windows.emplace_back(chunk.get(), i, 0);
    windows.back().Acquire(kSteps);
    if (given) priorities.push_back(NewPriority());
  }
  for (const float priority : priorities) max_priority_ = std::max(max_priority_, priority);
  if (!given && max_priority_ == 0) max_priority_ = 1;
  Table::Aftermath after;
  table_->Insert(windows, priorities, &after);
  after.Run(kSteps);
  balance_ += count * limit.samples_per_insert;

  const Items contents = Contents();
  Items evicted;
  for (const auto& [key, item] : model_) {
    if (contents.count(key) == 0) evicted[key] = item;
  }
  const size_t room = kCapacity - model_.size();
  ASSERT_EQ(evicted.size(), count - std::min<size_t>(room, count));
  CheckEvicted(evicted);
  for (const auto& [key, item] : evicted) {
    model_.erase(key);
    removed_.insert(key);
  }
  std::multiset<float> expected(priorities.begin(), priorities.end());
  while (!given && expected.size() < count) expected.insert(max_priority_);
  std::multiset<float> found;
  std::map<std::pair<const Chunk*, uint64_t>, uint64_t> order;
  for (const auto& [key, item] : contents) {
    if (model_.count(key) != 0) continue;
    ASSERT_TRUE(keys_.insert(key).second) << "a key given out twice";
    found.insert(item.priority);
    model_[key] = item;
    ASSERT_EQ(item.chunk, chunk.get());
  }
  ASSERT_EQ(found, expected);
  // The order of a message's items is that of their environments.
  TableSnapshot snapshot(kSteps);
  table_->TakeSnapshot(&snapshot);
  for (uint32_t slot = 0; slot < snapshot.slots.size(); ++slot) {
    const Slot& item = snapshot.slots[slot];
    if (item.window.chunk() != chunk.get()) continue;
    model_[Key{0, item.generation, slot}.bits()].number = inserted_ + item.window.environment();
  }
  inserted_ += count;
}

void TableModelTest::CheckEvicted(const Items& evicted) const {
  for (const auto& [gone, a] : evicted) {
    for (const auto& [key, b] : model_) {
      if (evicted.count(key) != 0) continue;
      switch (GetParam().remover) {
        case SelectorConfig::fifo:
          ASSERT_LT(a.number, b.number);
          break;
        case SelectorConfig::lifo:
          ASSERT_GT(a.number, b.number);
          break;
        case SelectorConfig::min_priority:
          ASSERT_LE(a.priority, b.priority);
          break;
        case SelectorConfig::max_priority:
          ASSERT_GE(a.priority, b.priority);
          break;
        default:
          break;
      }
    }
  }
}

void TableModelTest::Sample() {
  const uint64_t count = 1 + random_.Below(7);
  const RateLimit limit = Options().rate_limit;
  const uint32_t most = GetParam().max_times_sampled;
  uint64_t left = 0;
  for (const auto& [key, item] : model_) left += most - std::min(most, item.times_sampled);
  const bool allowed = model_.size() >= std::max(1U, limit.min_size) &&
                       balance_ - static_cast<double>(count) >= limit.min_diff &&
                       (most == 0 || left >= count);
  SampledBatch batch(kSteps);
  ASSERT_EQ(table_->TrySample(count, &batch), allowed);
  if (!allowed) return;
  ASSERT_EQ(batch.table_size, model_.size());
  ASSERT_NEAR(batch.table_mass, Mass(), 1e-9 * Mass());
  for (size_t i = 0; i < count; ++i) {
    const uint64_t key = batch.keys[i];
    ASSERT_EQ(model_.count(key), 1U);
    CheckDraw(key, batch.probabilities[i]);
    Item& item = model_[key];
    ASSERT_EQ(batch.priorities[i], item.priority);
    ASSERT_EQ(batch.times_sampled[i], ++item.times_sampled);
    ASSERT_EQ(batch.windows[i].chunk(), item.chunk);
    if (most == 0 || item.times_sampled < most) continue;
    model_.erase(key);
    removed_.insert(key);
  }
  balance_ -= static_cast<double>(count);
}

void TableModelTest::CheckDraw(uint64_t key, double probability) const {
  const Item& drawn = model_.at(key);
  switch (GetParam().sampler) {
    case SelectorConfig::uniform:
      ASSERT_EQ(probability, 1.0 / static_cast<double>(model_.size()));
      return;
    case SelectorConfig::prioritized:
      ASSERT_NEAR(probability, Weight(drawn.priority) / Mass(), 1e-12);
      return;
    default:
      ASSERT_EQ(probability, 1);
  }
  for (const auto& [other, item] : model_) {
    if (GetParam().sampler == SelectorConfig::fifo) ASSERT_LE(drawn.number, item.number);
    if (GetParam().sampler == SelectorConfig::lifo) ASSERT_GE(drawn.number, item.number);
    if (GetParam().sampler == SelectorConfig::max_priority) {
      ASSERT_GE(drawn.priority, item.priority);
    }
  }
}

void TableModelTest::Update() {
  std::vector<uint64_t> keys;
  std::vector<float> priorities;
  KeyCounts expected;
  for (uint64_t i = random_.Below(8); i-- > 0;) {
    const bool stale = !removed_.empty() && random_.Below(3) == 0;
    if (!stale && model_.empty()) continue;
    keys.push_back(stale ? *removed_.begin() : Pick());
    priorities.push_back(NewPriority());
    ++(stale ? expected.stale : expected.applied);
    if (stale) continue;
    model_[keys.back()].priority = priorities.back();
    max_priority_ = std::max(max_priority_, priorities.back());
  }
  const auto counts = table_->UpdatePriorities(keys, priorities);
  ASSERT_TRUE(counts.ok());
  ASSERT_EQ(counts->applied, expected.applied);
  ASSERT_EQ(counts->stale, expected.stale);
}

void TableModelTest::Delete() {
  if (model_.empty()) return;
  const uint64_t key = Pick();
  ASSERT_EQ(table_->Delete({key, key}).applied, 1U);
  model_.erase(key);
  removed_.insert(key);
}

void TableModelTest::CheckAll() const {
  const Items contents = Contents();
  ASSERT_EQ(contents.size(), model_.size());
  std::set<const Chunk*> chunks;
  for (const auto& [key, item] : model_) {
    const auto found = contents.find(key);
    ASSERT_NE(found, contents.end());
    ASSERT_EQ(found->second.priority, item.priority);
    ASSERT_EQ(found->second.times_sampled, item.times_sampled);
    chunks.insert(item.chunk);
  }
  ASSERT_EQ(chunks_.chunks(), chunks.size());
  const TableStatus status = table_->status();
  ASSERT_EQ(status.size, model_.size());
  ASSERT_NEAR(status.mass, Mass(), 1e-9 * Mass());
  ASSERT_EQ(status.max_priority, max_priority_);
  ASSERT_NEAR(status.limiter.balance, balance_, 1e-9);
  ASSERT_EQ(status.limiter.inserts, inserted_);
  ASSERT_EQ(status.evicted + status.sampled_out + status.deleted, removed_.size());
}

TEST_P(TableModelTest, AgreesWithItsModel) {
  for (int i = 0; i < 5000; ++i) {
    switch (random_.Below(8)) {
      case 0:
      case 1:
        Insert();
        break;
      case 2:
      case 3:
      case 4:
        Sample();
        break;
      case 5:
      case 6:
        Update();
        break;
      default:
        Delete();
    }
    if (HasFatalFailure()) return;
    CheckAll();
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tables, TableModelTest,
    ::testing::Values(Case{SelectorConfig::uniform, SelectorConfig::fifo, 0, false},
                      Case{SelectorConfig::prioritized, SelectorConfig::fifo, 0, true},
                      Case{SelectorConfig::prioritized, SelectorConfig::min_priority, 3, false},
                      Case{SelectorConfig::fifo, SelectorConfig::fifo, 1, true},
                      Case{SelectorConfig::lifo, SelectorConfig::lifo, 4, false},
                      Case{SelectorConfig::max_priority, SelectorConfig::max_priority, 2, true},
                      Case{SelectorConfig::uniform, SelectorConfig::prioritized, 5, true}));

}  // namespace
}  // namespace drover
