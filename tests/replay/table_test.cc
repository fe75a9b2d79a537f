#include "replay/table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "replay/key.h"
#include "tests/replay/chunks.h"

namespace drover {
namespace {

using testing::kSteps;
using testing::MakeChunk;

constexpr uint8_t kShard = 3;

TableOptions Options(SelectorConfig::Kind sampler, uint32_t capacity) {
  TableOptions options;
  options.name = "t";
  options.sampler = sampler;
  options.priority_exponent = 1;
  options.capacity = capacity;
  return options;
}

TableOptions Queue(uint32_t capacity) {
  TableOptions options = Options(SelectorConfig::fifo, capacity);
  options.max_times_sampled = 1;
  options.rate_limit.min_diff = 0;
  options.rate_limit.max_diff = capacity;
  return options;
}

// A table of one-step items, each told from the others by its step and environment.
class TableTest : public ::testing::Test {
 protected:
  void Make(const TableOptions& options) {
    table_ = std::make_unique<Table>(options, kSteps, kShard, /*seed=*/1);
  }

  // Items 0, 1, 2, … of a chunk with so many environments, of priorities or of none.
  void Insert(size_t items, const std::vector<float>& priorities = {}) {
    const auto environments = static_cast<uint32_t>(items);
    const ChunkRef chunk =
        MakeChunk(testing::Message(++sequence_, environments), chunks_, nullptr, environments);
    std::vector<Window> windows;
    for (uint32_t i = 0; i < items; ++i) {
      windows.emplace_back(chunk.get(), i, 0);
      windows.back().Acquire(kSteps);
    }
    Table::Aftermath after;
    table_->Insert(windows, priorities, &after);
    after.Run(kSteps);
  }

  // How often each key is in `batches` of `items`.
  std::map<uint64_t, int> Draw(int batches, uint64_t items) {
    std::map<uint64_t, int> counts;
    for (int i = 0; i < batches; ++i) {
      EXPECT_TRUE(table_->TrySample(items, &batch_));
      for (const uint64_t key : batch_.keys) ++counts[key];
    }
    return counts;
  }

  const ChunkLayout chunks_{*UnrollLayout::Make(testing::TestSpec())};
  uint64_t sequence_ = 0;
  std::unique_ptr<Table> table_;
  SampledBatch batch_{kSteps};
};

TEST_F(TableTest, TellsAllOfWhatItSampled) {
  Make(Options(SelectorConfig::prioritized, 10));
  Insert(3, {1, 2, 5});
  ASSERT_TRUE(table_->TrySample(8, &batch_));
  ASSERT_EQ(batch_.items(), 8U);
  EXPECT_EQ(batch_.table_size, 3U);
  EXPECT_EQ(batch_.table_mass, 8);
  // Strata of 1/8 each: one item of the first, two of the second, five of the third.
  EXPECT_EQ(batch_.priorities, (std::vector<float>{1, 2, 2, 5, 5, 5, 5, 5}));
  EXPECT_EQ(batch_.probabilities[0], 1.0 / 8);
  EXPECT_EQ(batch_.probabilities[7], 5.0 / 8);
  EXPECT_EQ(batch_.times_sampled, (std::vector<uint32_t>{1, 1, 2, 1, 2, 3, 4, 5}));
  EXPECT_EQ(batch_.windows[1].environment(), 1U);
  EXPECT_EQ(batch_.keys[0], (Key{kShard, 1, 0}.bits()));
  EXPECT_EQ(batch_.keys[7], (Key{kShard, 1, 2}.bits()));
}

TEST_F(TableTest, SamplesWithItsProbabilities) {
  Make(Options(SelectorConfig::prioritized, 10));
  Insert(4, {1, 0, 2, 7});
  const auto counts = Draw(10'000, 1);
  EXPECT_EQ(counts.size(), 3U);
  EXPECT_NEAR(counts.at(Key{kShard, 1, 3}.bits()), 7000, 5 * std::sqrt(2100));
  EXPECT_NEAR(counts.at(Key{kShard, 1, 0}.bits()), 1000, 5 * std::sqrt(900));
}

TEST_F(TableTest, NewItemsHaveTheLargestPrioritySeen) {
  Make(Options(SelectorConfig::prioritized, 10));
  Insert(1);
  EXPECT_EQ(table_->status().mass, 1);
  Insert(1, {4});
  Insert(1);
  EXPECT_EQ(table_->status().mass, 1 + 4 + 4);
  ASSERT_TRUE(table_->UpdatePriorities({Key{kShard, 1, 0}.bits()}, {9.0F}).ok());
  ASSERT_TRUE(table_->UpdatePriorities({Key{kShard, 1, 0}.bits()}, {0.5F}).ok());
  Insert(1);
  EXPECT_EQ(table_->status().mass, 0.5 + 4 + 4 + 9);
  EXPECT_EQ(table_->status().max_priority, 9);
}

TEST_F(TableTest, TheFirstPriorityCountsWhereNoneWasBefore) {
  Make(Options(SelectorConfig::prioritized, 10));
  Insert(1, {0.25F});
  Insert(1);
  EXPECT_EQ(table_->status().mass, 0.5);
}

TEST_F(TableTest, AFullTableLosesTheOldestAndFreesTheirChunks) {
  Make(Options(SelectorConfig::uniform, 4));
  Insert(2);
  Insert(2);
  EXPECT_EQ(chunks_.chunks(), 2U);
  Insert(1);
  Insert(1);
  EXPECT_EQ(chunks_.chunks(), 3U);
  EXPECT_EQ(table_->status().size, 4U);
  EXPECT_EQ(table_->status().evicted, 2U);
  Insert(4);
  EXPECT_EQ(chunks_.chunks(), 1U);
  EXPECT_EQ(table_->status().limiter.inserts, 10U);
}

TEST_F(TableTest, TheRemoverIsAnySelector) {
  TableOptions options = Options(SelectorConfig::prioritized, 3);
  options.remover = SelectorConfig::min_priority;
  Make(options);
  Insert(3, {5, 1, 3});
  Insert(1, {2});
  EXPECT_EQ(table_->status().mass, 5 + 3 + 2);
  // The remover hears of updates, too.
  ASSERT_TRUE(table_->UpdatePriorities({Key{kShard, 1, 0}.bits()}, {0.5F}).ok());
  Insert(1, {4});
  EXPECT_EQ(table_->status().mass, 4 + 3 + 2);
}

TEST_F(TableTest, AQueueGivesEachItemOnceInOrder) {
  Make(Queue(10));
  Insert(3);
  Insert(2);
  ASSERT_TRUE(table_->TrySample(4, &batch_));
  std::vector<uint64_t> slots;
  for (const uint64_t key : batch_.keys) slots.push_back(Key::FromBits(key).slot);
  EXPECT_EQ(slots, (std::vector<uint64_t>{0, 1, 2, 3}));
  EXPECT_EQ(batch_.probabilities, (std::vector<double>{1, 1, 1, 1}));
  EXPECT_EQ(table_->status().size, 1U);
  EXPECT_EQ(table_->status().sampled_out, 4U);
  EXPECT_FALSE(table_->TrySample(2, &batch_));
  EXPECT_TRUE(table_->TrySample(1, &batch_));
  EXPECT_EQ(chunks_.chunks(), 1U);  // that which the batch keeps
  batch_.Clear();
  EXPECT_EQ(chunks_.chunks(), 0U);
}

TEST_F(TableTest, AnItemLeavesAfterItsLastSample) {
  TableOptions options = Options(SelectorConfig::uniform, 10);
  options.max_times_sampled = 3;
  Make(options);
  Insert(4);
  const auto counts = Draw(6, 2);
  EXPECT_EQ(counts.size(), 4U);
  for (const auto& [key, count] : counts) EXPECT_EQ(count, 3);
  EXPECT_FALSE(table_->TrySample(1, &batch_));
  EXPECT_EQ(table_->status().size, 0U);
}

TEST_F(TableTest, RefusesBatchesThatCannotBe) {
  Make(Queue(10));
  EXPECT_TRUE(table_->CheckBatch(10).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(table_->CheckBatch(0)));
  EXPECT_TRUE(absl::IsInvalidArgument(table_->CheckBatch(11)));
  Make(Options(SelectorConfig::uniform, 10));
  EXPECT_TRUE(table_->CheckBatch(Table::kMaxBatch).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(table_->CheckBatch(Table::kMaxBatch + 1)));
}

TEST_F(TableTest, KnowsStaleAndUnknownKeys) {
  Make(Options(SelectorConfig::prioritized, 2));
  Insert(2);
  const std::vector<uint64_t> keys = {Key{kShard, 1, 0}.bits(), Key{kShard, 2, 0}.bits(),
                                      Key{kShard, 1, 2}.bits(), Key{kShard + 1, 1, 0}.bits(),
                                      Key{kShard, 1, 1}.bits()};
  const auto counts = table_->UpdatePriorities(keys, {2, 3, 4, 5, 6});
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->applied, 2U);
  EXPECT_EQ(counts->stale, 1U);
  EXPECT_EQ(counts->unknown, 2U);
  EXPECT_EQ(table_->status().mass, 2 + 6);

  const KeyCounts deleted = table_->Delete({keys[0], keys[0], keys[2]});
  EXPECT_EQ(deleted.applied, 1U);
  EXPECT_EQ(deleted.stale, 1U);
  EXPECT_EQ(deleted.unknown, 1U);
  EXPECT_EQ(table_->status().mass, 6);
  EXPECT_EQ(table_->status().stale_keys, 2U);
  EXPECT_EQ(table_->status().unknown_keys, 3U);

  Insert(1, {9});  // into the slot that is free
  EXPECT_EQ(table_->UpdatePriorities({keys[0]}, {1.0F})->stale, 1U);
  EXPECT_EQ(table_->UpdatePriorities({keys[1]}, {1.0F})->applied, 1U);
}

TEST_F(TableTest, RefusesPrioritiesThatAreNone) {
  Make(Options(SelectorConfig::prioritized, 2));
  Insert(2);
  const std::vector<uint64_t> keys = {Key{kShard, 1, 0}.bits(), Key{kShard, 1, 1}.bits()};
  for (const float bad : {-1.0F, std::nanf(""), INFINITY}) {
    EXPECT_TRUE(absl::IsInvalidArgument(table_->UpdatePriorities(keys, {5, bad}).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(table_->CheckPriorities({bad})));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(table_->UpdatePriorities(keys, {5.0F}).status()));
  EXPECT_EQ(table_->status().mass, 2);
  EXPECT_EQ(table_->status().refused_updates, 6U);
  EXPECT_EQ(table_->status().updates, 0U);
}

TEST_F(TableTest, WhoWaitsToSampleIsWoken) {
  TableOptions options = Options(SelectorConfig::uniform, 10);
  options.rate_limit.min_size = 3;
  Make(options);
  Insert(2);
  int woken = 0;
  EXPECT_NE(table_->Sample(1, &batch_, [&] { ++woken; }), 0U);
  EXPECT_EQ(table_->status().sample.waiting, 1U);
  EXPECT_GT(table_->status().sample.current_seconds, 0);
  Insert(1);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(table_->status().sample.waiting, 0U);
  EXPECT_GT(table_->status().sample.total_seconds, 0);
  EXPECT_EQ(table_->Sample(1, &batch_, [&] { ++woken; }), 0U);
  EXPECT_EQ(batch_.items(), 1U);
  EXPECT_EQ(woken, 1);
}

TEST_F(TableTest, WhoWaitsToInsertIsWoken) {
  Make(Queue(4));
  Insert(4);
  int woken = 0;
  const auto ticket = table_->AwaitInsert(2, [&] { ++woken; });
  const auto other = table_->AwaitInsert(1, [&] { woken += 100; });
  EXPECT_NE(ticket, 0U);
  EXPECT_EQ(table_->status().insert.waiting, 2U);
  EXPECT_TRUE(table_->CancelInsert(other));
  EXPECT_FALSE(table_->CancelInsert(other));
  ASSERT_TRUE(table_->TrySample(1, &batch_));
  EXPECT_EQ(woken, 0);
  ASSERT_TRUE(table_->TrySample(1, &batch_));
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(table_->AwaitInsert(
                2, [] {}, ticket),
            0U);
}

// Who needs less room passes nobody, nor does who comes when there is some.
TEST_F(TableTest, InsertsPassInTheOrderInWhichTheyCame) {
  Make(Queue(4));
  Insert(4);
  std::string woken;
  const auto a = table_->AwaitInsert(2, [&] { woken += 'a'; });
  const auto b = table_->AwaitInsert(1, [&] { woken += 'b'; });
  ASSERT_TRUE(table_->TrySample(1, &batch_));
  EXPECT_EQ(woken, "");
  const auto c = table_->AwaitInsert(1, [&] { woken += 'c'; });
  EXPECT_NE(c, 0U);
  ASSERT_TRUE(table_->TrySample(2, &batch_));
  EXPECT_EQ(woken, "a");
  EXPECT_EQ(table_->AwaitInsert(
                1, [&] { woken += 'b'; }, b),
            b);
  EXPECT_EQ(table_->AwaitInsert(
                2, [] {}, a),
            0U);
  Insert(2);
  EXPECT_EQ(woken, "a");
  EXPECT_TRUE(table_->CancelInsert(a));
  EXPECT_EQ(woken, "ab");
  EXPECT_TRUE(table_->CancelInsert(b));  // who goes away leaves its turn to the next
  EXPECT_EQ(woken, "abc");
  EXPECT_EQ(table_->AwaitInsert(
                1, [] {}, c),
            0U);
  EXPECT_TRUE(table_->CancelInsert(c));
  EXPECT_EQ(table_->status().insert.waiting, 0U);
}

TEST_F(TableTest, WhoGaveUpIsNotWoken) {
  Make(Options(SelectorConfig::uniform, 10));
  const auto ticket = table_->Sample(1, &batch_, [] { FAIL(); });
  EXPECT_TRUE(table_->CancelSample(ticket));
  Insert(1);
  EXPECT_FALSE(table_->CancelSample(ticket));
}

TEST_F(TableTest, AWakeMayCallTheTable) {
  Make(Options(SelectorConfig::uniform, 10));
  bool sampled = false;
  table_->Sample(1, &batch_, [&] { sampled = table_->TrySample(1, &batch_); });
  Insert(1);
  EXPECT_TRUE(sampled);
}

// Both sides would wait: the batch for a ninth item, the writer for a sample.
TEST_F(TableTest, TheLimitGivesWayToABatchThatNeedsMoreItems) {
  TableOptions options = Queue(100);
  options.rate_limit.max_diff = 8;
  Make(options);
  Insert(8);
  bool woken = false;
  const auto ticket = table_->AwaitInsert(1, [&] { woken = true; });
  EXPECT_NE(ticket, 0U);
  EXPECT_NE(table_->Sample(9, &batch_, [] {}), 0U);
  EXPECT_TRUE(woken);
  EXPECT_EQ(table_->AwaitInsert(
                1, [] {}, ticket),
            0U);
}

TEST_F(TableTest, ANewLimitWakesWhoMayGoOn) {
  TableOptions options = Options(SelectorConfig::uniform, 10);
  options.rate_limit.min_size = 5;
  Make(options);
  Insert(2);
  bool woken = false;
  table_->Sample(1, &batch_, [&] { woken = true; });
  RateLimit limit;
  limit.min_size = 11;
  EXPECT_TRUE(absl::IsInvalidArgument(table_->Configure(limit)));
  EXPECT_FALSE(woken);
  limit.min_size = 2;
  EXPECT_TRUE(table_->Configure(limit).ok());
  EXPECT_TRUE(woken);
  EXPECT_EQ(table_->status().limit.min_size, 2U);
}

TEST_F(TableTest, ASnapshotMakesATableThatGoesOnAlike) {
  for (const auto kind : {SelectorConfig::uniform, SelectorConfig::fifo, SelectorConfig::lifo,
                          SelectorConfig::prioritized}) {
    TableOptions options = Options(kind, 8);
    options.max_times_sampled = 20;
    Make(options);
    Insert(6, {1, 2, 3, 4, 5, 6});
    table_->Delete({Key{kShard, 1, 2}.bits()});
    Insert(4, {7, 8, 9, 10});
    ASSERT_TRUE(table_->TrySample(16, &batch_));
    Table copy(options, kSteps, kShard, /*seed=*/99);
    {
      TableSnapshot snapshot = table_->RoomForSnapshot();
      table_->TakeSnapshot(&snapshot);
      ASSERT_TRUE(copy.Restore(snapshot).ok());
    }
    const TableStatus a = table_->status();
    const TableStatus b = copy.status();
    EXPECT_EQ(a.size, b.size);
    EXPECT_EQ(a.mass, b.mass);
    EXPECT_EQ(a.max_priority, b.max_priority);
    EXPECT_EQ(a.limiter.inserts, b.limiter.inserts);
    EXPECT_EQ(a.limiter.samples, b.limiter.samples);
    EXPECT_EQ(a.limiter.balance, b.limiter.balance);
    EXPECT_EQ(a.evicted, b.evicted);
    EXPECT_EQ(a.deleted, b.deleted);
    std::map<uint64_t, std::pair<float, uint32_t>> drawn[2];
    for (int i = 0; i < 2; ++i) {
      Table& table = i == 0 ? *table_ : copy;
      while (table.TrySample(1, &batch_)) {
        drawn[i][batch_.keys[0]] = {batch_.priorities[0], batch_.times_sampled[0]};
      }
      EXPECT_EQ(drawn[i].size(), 8U);
    }
    EXPECT_EQ(drawn[0], drawn[1]);
    table_.reset();
  }
  EXPECT_EQ(chunks_.chunks(), 0U);
}

// Else a person's change would be gone after a crash, but for the balance that it led to.
TEST_F(TableTest, ASnapshotKeepsALimitThatSomeoneSet) {
  TableOptions options = Options(SelectorConfig::uniform, 8);
  const auto restored = [&](const TableOptions& now) {
    TableSnapshot snapshot = table_->RoomForSnapshot();
    table_->TakeSnapshot(&snapshot);
    Table copy(now, kSteps, kShard, /*seed=*/1);
    EXPECT_TRUE(copy.Restore(snapshot).ok());
    return copy.status().limit;
  };
  Make(options);
  options.rate_limit.min_size = 3;  // by its config, which has changed
  EXPECT_EQ(restored(options).min_size, 3U);
  RateLimit limit;
  limit.min_size = 5;
  limit.max_diff = 7;
  ASSERT_TRUE(table_->Configure(limit).ok());
  EXPECT_EQ(restored(options).min_size, 5U);
  EXPECT_EQ(restored(options).max_diff, 7);
}

TEST_F(TableTest, RefusesASnapshotThatDoesNotFit) {
  Make(Options(SelectorConfig::fifo, 8));
  Insert(6);
  const auto restore = [&](uint32_t capacity, const std::function<void(TableSnapshot*)>& damage) {
    TableSnapshot snapshot = table_->RoomForSnapshot();
    table_->TakeSnapshot(&snapshot);
    damage(&snapshot);
    Table copy(Options(SelectorConfig::fifo, capacity), kSteps, kShard, 1);
    return copy.Restore(snapshot);
  };
  EXPECT_TRUE(restore(8, [](TableSnapshot*) {}).ok());
  EXPECT_FALSE(restore(5, [](TableSnapshot*) {}).ok());
  EXPECT_FALSE(restore(8, [](TableSnapshot* s) { s->order[0] = s->order[1]; }).ok());
  EXPECT_FALSE(restore(8, [](TableSnapshot* s) { s->order[0] = 6; }).ok());
  EXPECT_FALSE(restore(8, [](TableSnapshot* s) { s->order.pop_back(); }).ok());
  EXPECT_FALSE(restore(8, [](TableSnapshot* s) { s->slots[0].priority = -1; }).ok());
  EXPECT_FALSE(restore(8, [](TableSnapshot* s) { s->slots[0].generation = 0; }).ok());
  EXPECT_FALSE(restore(8, [](TableSnapshot* s) { s->max_priority = std::nanf(""); }).ok());
  EXPECT_FALSE(restore(8, [](TableSnapshot* s) { s->limiter.balance = std::nan(""); }).ok());
  EXPECT_FALSE(restore(8, [](TableSnapshot* s) { s->limit = {9, 1, 0, 1}; }).ok());
}

}  // namespace
}  // namespace drover
