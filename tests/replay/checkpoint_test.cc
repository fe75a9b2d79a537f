#include "replay/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstring>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "common/file.h"
#include "common/random.h"
#include "tests/replay/insertions.h"

namespace drover {
namespace {

using testing::kSteps;

constexpr uint64_t kSpecHash = 77;

std::vector<TableOptions> Tables() {
  TableOptions prioritized;
  prioritized.name = "prioritized";
  prioritized.sampler = SelectorConfig::prioritized;
  prioritized.capacity = 60;
  prioritized.steps = 5;
  TableOptions queue;
  queue.name = "queue";
  queue.sampler = SelectorConfig::fifo;
  queue.max_times_sampled = 2;
  queue.capacity = 20;
  return {prioritized, queue};
}

// All that a table's items are, by key.
std::map<uint64_t, std::tuple<float, uint32_t, std::vector<float>>> Contents(Store* store,
                                                                             size_t table) {
  std::map<uint64_t, std::tuple<float, uint32_t, std::vector<float>>> contents;
  TableSnapshot snapshot(kSteps);
  store->table(table).TakeSnapshot(&snapshot);
  const auto steps = static_cast<int32_t>(store->table(table).options().steps);
  for (uint32_t slot = 0; slot < snapshot.slots.size(); ++slot) {
    const Slot& item = snapshot.slots[slot];
    if (!item.occupied()) continue;
    std::vector<float> rewards;
    for (int32_t step = 0; step < steps; ++step) {
      const auto [chunk, row] = item.window.Locate(item.window.first_step() + step, kSteps);
      const size_t at = row * chunk->environments() + item.window.environment();
      float reward;
      std::memcpy(&reward, chunk->column(testing::kRewardLeaf).data() + at * 4, 4);
      rewards.push_back(reward);
    }
    contents[uint64_t{item.generation} << 32 | slot] = {item.priority, item.times_sampled, rewards};
  }
  return contents;
}

class StoreCheckpointTest : public ::testing::Test {
 protected:
  // Messages of two writers, updates, deletes and samples.
  void Fill(int messages) {
    SampledBatch batch(kSteps);
    for (int i = 0; i < messages; ++i) {
      const uint64_t member = 7 + random_.Below(2);
      const std::vector<testing::Items> items = {
          {0, {0, 1, 1}, {-2, -3, -4}, {1, 2, static_cast<float>(random_.Uniform())}},
          {1, {0, 1}, {0, 2}, {}}};
      Insertion insertion = testing::MakeInsertion(member, ++sequences_[member], items);
      Store::Ticket ticket;
      ASSERT_EQ(*store_->Insert(
                    &insertion, [] {}, &ticket),
                Store::Verdict::kStored);
      if (store_->table(0).TrySample(3, &batch)) {
        ASSERT_TRUE(store_->table(0).UpdatePriorities(batch.keys, {3, 4, 5}).ok());
        store_->table(0).Delete({batch.keys[0]});
      }
      store_->table(1).TrySample(1, &batch);
    }
  }

  absl::StatusOr<StoreCheckpointReport> Write(size_t keep = 2) {
    return WriteStoreCheckpoint(*store_, kSpecHash, root_, keep);
  }

  absl::StatusOr<std::string> Restore(Store* store, uint64_t spec_hash = kSpecHash) const {
    return RestoreNewestStoreCheckpoint(root_, spec_hash, store);
  }

  const TempDirectory directory_ = *TempDirectory::Make();
  const std::string root_ = directory_.path() + "/replay";
  Random random_ = Random({1});
  std::map<uint64_t, uint64_t> sequences_;
  std::unique_ptr<Store> store_ = testing::MakeStore(Tables());
};

TEST_F(StoreCheckpointTest, BringsEverythingBack) {
  Fill(100);
  RateLimit limit;
  limit.samples_per_insert = 3;
  limit.min_diff = -8;
  ASSERT_TRUE(store_->table(1).Configure(limit).ok());
  const auto report = Write();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->path, root_ + "/1");
  const auto copy = testing::MakeStore(Tables());
  const auto path = Restore(copy.get());
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(*path, root_ + "/1");
  uint64_t items = 0;
  for (size_t table = 0; table < 2; ++table) {
    EXPECT_EQ(Contents(store_.get(), table), Contents(copy.get(), table));
    const TableStatus a = store_->table(table).status();
    const TableStatus b = copy->table(table).status();
    EXPECT_DOUBLE_EQ(a.mass, b.mass);
    EXPECT_EQ(a.max_priority, b.max_priority);
    EXPECT_EQ(a.limiter.inserts, b.limiter.inserts);
    EXPECT_EQ(a.limiter.samples, b.limiter.samples);
    EXPECT_EQ(a.limiter.balance, b.limiter.balance);
    EXPECT_EQ(a.limit.min_size, b.limit.min_size);
    EXPECT_EQ(a.limit.samples_per_insert, b.limit.samples_per_insert);
    EXPECT_EQ(a.limit.min_diff, b.limit.min_diff);
    EXPECT_EQ(a.limit.max_diff, b.limit.max_diff);
    EXPECT_EQ(a.evicted, b.evicted);
    EXPECT_EQ(a.sampled_out, b.sampled_out);
    EXPECT_EQ(a.deleted, b.deleted);
    items += a.size;
  }
  EXPECT_EQ(report->items, items);
  EXPECT_EQ(copy->frames(), store_->frames());
  EXPECT_EQ(copy->counters().messages, 100U);
  // Only chunks that someone keeps, each once.
  EXPECT_EQ(copy->counters().chunks, store_->counters().chunks);
  EXPECT_EQ(copy->counters().payload_bytes, store_->counters().payload_bytes);
}

TEST_F(StoreCheckpointTest, BothGoOnAlike) {
  Fill(100);
  ASSERT_TRUE(Write().ok());
  const auto copy = testing::MakeStore(Tables());
  ASSERT_TRUE(Restore(copy.get()).ok());
  SampledBatch a(kSteps);
  SampledBatch b(kSteps);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(store_->table(0).TrySample(8, &a));
    ASSERT_TRUE(copy->table(0).TrySample(8, &b));
    EXPECT_EQ(a.keys, b.keys);
    EXPECT_EQ(a.times_sampled, b.times_sampled);
  }
  while (store_->table(1).TrySample(1, &a)) {
    ASSERT_TRUE(copy->table(1).TrySample(1, &b));
    EXPECT_EQ(a.keys, b.keys);
  }
  // A writer's next message reaches back to what the checkpoint kept.
  for (Store* store : {store_.get(), copy.get()}) {
    const std::vector<testing::Items> items = {{0, {0}, {-4}, {}}};
    const uint64_t unlinked = store->counters().unlinked_items;
    Insertion insertion = testing::MakeInsertion(7, sequences_[7] + 1, items);
    Store::Ticket ticket;
    EXPECT_EQ(*store->Insert(
                  &insertion, [] {}, &ticket),
              Store::Verdict::kStored);
    EXPECT_EQ(store->counters().unlinked_items, unlinked);
    EXPECT_EQ(store->Greet(8, 1).last_sequence, sequences_[8]);
  }
}

TEST_F(StoreCheckpointTest, AnEmptyStoreHasOne) {
  ASSERT_TRUE(Write().ok());
  EXPECT_TRUE(Restore(testing::MakeStore(Tables()).get()).ok());
}

TEST_F(StoreCheckpointTest, KeepsTheNewest) {
  EXPECT_TRUE(absl::IsNotFound(Restore(store_.get()).status()));
  for (int i = 0; i < 4; ++i) {
    Fill(1);
    ASSERT_TRUE(Write(2).ok());
  }
  EXPECT_EQ(*ListDirectory(root_), (std::vector<std::string>{"3", "4"}));
}

TEST_F(StoreCheckpointTest, ADamagedOneFallsBackToTheOneBefore) {
  Fill(50);
  ASSERT_TRUE(Write().ok());
  const auto before = Contents(store_.get(), 0);
  Fill(50);
  ASSERT_TRUE(Write().ok());
  for (const char* name : {"state.pb", "chunks-00000.pb", "manifest.json"}) {
    const std::string path = root_ + "/2/" + name;
    const std::string good = *ReadFile(path);
    std::string flipped = good;
    flipped[good.size() / 2] ^= 1;
    for (const std::string& bad : {flipped, good.substr(0, good.size() / 2), std::string()}) {
      ASSERT_TRUE(WriteFile(path, bad).ok());
      const auto copy = testing::MakeStore(Tables());
      const auto restored = Restore(copy.get());
      ASSERT_TRUE(restored.ok()) << restored.status();
      EXPECT_EQ(*restored, root_ + "/1") << name;
      EXPECT_EQ(Contents(copy.get(), 0), before);
    }
    ASSERT_TRUE(RemoveAll(path).ok());
    EXPECT_EQ(*Restore(testing::MakeStore(Tables()).get()), root_ + "/1");
    ASSERT_TRUE(WriteFile(path, good).ok());
  }
  EXPECT_EQ(*Restore(testing::MakeStore(Tables()).get()), root_ + "/2");
  ASSERT_TRUE(WriteFile(root_ + "/1/state.pb", "").ok());
  ASSERT_TRUE(WriteFile(root_ + "/2/state.pb", "").ok());
  EXPECT_TRUE(absl::IsDataLoss(Restore(testing::MakeStore(Tables()).get()).status()));
}

TEST_F(StoreCheckpointTest, IsOfOneSpecAndOfItsTables) {
  Fill(20);
  ASSERT_TRUE(Write().ok());
  const auto code = [&](const std::vector<TableOptions>& tables, uint64_t spec_hash = kSpecHash) {
    return Restore(testing::MakeStore(tables).get(), spec_hash).status().code();
  };
  const auto refused = absl::StatusCode::kFailedPrecondition;
  EXPECT_EQ(code(Tables()), absl::StatusCode::kOk);
  EXPECT_EQ(code(Tables(), kSpecHash + 1), refused);
  std::vector<TableOptions> tables = Tables();
  tables[1].name = "other";
  EXPECT_EQ(code(tables), refused);
  tables = Tables();
  tables.pop_back();
  EXPECT_EQ(code(tables), refused);
  tables = Tables();
  tables[0].capacity = 3;  // more items than that
  EXPECT_EQ(code(tables), refused);
  tables[0].capacity = 1000;
  EXPECT_EQ(code(tables), absl::StatusCode::kOk);
}

// As on a full disk: no file may grow beyond a page.
TEST_F(StoreCheckpointTest, WhatWasThereStaysWhenWritingFails) {
  Fill(100);
  ASSERT_TRUE(Write().ok());
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit page{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &page);
  const auto failed = Write(/*keep=*/1);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(*ListDirectory(root_), std::vector<std::string>{"1"});
  EXPECT_TRUE(Restore(testing::MakeStore(Tables()).get()).ok());
}

}  // namespace
}  // namespace drover
