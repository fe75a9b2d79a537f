#include "replay/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "tests/replay/insertions.h"

namespace drover {
namespace {

using testing::Items;
using testing::kEnvironments;
using testing::kSteps;
using testing::MakeInsertion;
using Verdict = Store::Verdict;

constexpr uint64_t kFrames = kSteps * kEnvironments;  // of a message

TableOptions Options(const std::string& name, uint32_t steps) {
  TableOptions options;
  options.name = name;
  options.capacity = 100;
  options.steps = steps;
  return options;
}

class StoreTest : public ::testing::Test {
 protected:
  void Make(const std::vector<TableOptions>& tables, uint64_t max_frames = 1000) {
    store_ = testing::MakeStore(tables, max_frames);
  }

  absl::StatusOr<Verdict> Insert(uint64_t member, uint64_t sequence,
                                 const std::vector<Items>& tables, uint64_t epoch = 1) {
    Insertion insertion = MakeInsertion(member, sequence, tables, epoch);
    return store_->Insert(
        &insertion, [] {}, &ticket_);
  }

  uint64_t Size(size_t table) { return store_->table(table).status().size; }

  std::unique_ptr<Store> store_;
  Store::Ticket ticket_;
};

TEST_F(StoreTest, StoresAMessageOnceInAllItsTables) {
  Make({Options("a", 1), Options("b", 2)});
  const std::vector<Items> items = {{0, {0, 1, 0}, {0, 1, 2}, {}}, {1, {0, 1}, {0, 1}, {3, 4}}};
  EXPECT_EQ(*Insert(7, 1, items), Verdict::kStored);
  EXPECT_EQ(*Insert(7, 1, items), Verdict::kRepeated);
  EXPECT_EQ(Size(0), 3U);
  EXPECT_EQ(Size(1), 2U);
  EXPECT_EQ(store_->frames(), kFrames);
  const StoreCounters counters = store_->counters();
  EXPECT_EQ(counters.messages, 1U);
  EXPECT_EQ(counters.repeated, 1U);
  EXPECT_EQ(counters.chunks, 1U);
  EXPECT_EQ(counters.missing, 0U);
  EXPECT_EQ(store_->Greet(7, 1).last_sequence, 1U);
  EXPECT_EQ(store_->Greet(8, 1).last_sequence, 0U);
  EXPECT_EQ(store_->Greet(8, 1).frames, kFrames);
}

TEST_F(StoreTest, FindsTablesByName) {
  Make({Options("a", 1), Options("b", 2)});
  EXPECT_EQ(*store_->FindTable("b"), 1U);
  const absl::Status status = store_->FindTable("c").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("there are: a, b"));
}

TEST_F(StoreTest, RefusesTablesThatCannotBe) {
  const auto layout = *UnrollLayout::Make(testing::TestSpec());
  TableOptions empty = Options("a", 1);
  empty.capacity = 0;
  for (const auto& tables :
       std::vector<std::vector<TableOptions>>{{}, {Options("a", 1), Options("a", 2)}, {empty}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Store::Make({layout, tables, 1, 0, 1}).status()));
  }
}

TEST_F(StoreTest, RefusesItemsThatCannotBe) {
  Make({Options("a", 2)});
  const std::vector<std::vector<Items>> cases = {
      {{1, {0}, {0}, {}}},                                               // no such table
      {{0, {0}, {0}, {}}, {0, {0}, {0}, {}}},                            // twice
      {{0, {kEnvironments}, {0}, {}}},                                   // no such environment
      {{0, {0}, {2}, {}}},                                               // runs out of the message
      {{0, {0}, {-2}, {}}},                                              // has no step in it
      {{0, {0, 1}, {0}, {}}},                                            // lengths
      {{0, {0}, {0}, {1, 2}}},                                           //
      {{0, {0}, {0}, {-1}}},                                             // priorities
      {{0, {0}, {0}, {std::nanf("")}}},                                  //
      {{0, std::vector<uint32_t>(101), std::vector<int32_t>(101), {}}},  // the capacity
  };
  for (const auto& items : cases) {
    EXPECT_TRUE(absl::IsInvalidArgument(Insert(7, 1, items).status()));
  }
  EXPECT_EQ(store_->counters().refused, cases.size());
  EXPECT_EQ(store_->counters().chunks, 0U);
  EXPECT_EQ(Size(0), 0U);
  EXPECT_EQ(store_->Greet(7, 1).last_sequence, 0U);
  EXPECT_EQ(*Insert(7, 1, {{0, {0}, {0}, {}}}), Verdict::kStored);
}

TEST_F(StoreTest, WindowsReachBackAsFarAsTheirWriterGoesOn) {
  Make({Options("a", 6)});
  const std::vector<Items> back = {{0, {0, 1}, {-3, -5}, {}}};
  EXPECT_EQ(*Insert(7, 1, back), Verdict::kStored);
  EXPECT_EQ(store_->counters().unlinked_items, 2U);
  EXPECT_EQ(*Insert(7, 2, back), Verdict::kStored);
  EXPECT_EQ(store_->counters().unlinked_items, 3U);  // one reaches before message 1
  EXPECT_EQ(*Insert(7, 3, back), Verdict::kStored);
  EXPECT_EQ(store_->counters().unlinked_items, 3U);
  EXPECT_EQ(Size(0), 3U);

  SampledBatch batch(kSteps);
  ASSERT_TRUE(store_->table(0).TrySample(64, &batch));
  const WindowAssembler assembler(&store_->layout(), 6);
  std::vector<std::vector<char>> columns(store_->layout().leaves());
  std::vector<char*> places;
  for (size_t leaf = 0; leaf < columns.size(); ++leaf) {
    columns[leaf].resize(assembler.ColumnBytes(leaf, 64, 0));
    places.push_back(columns[leaf].data());
  }
  assembler.Assemble(batch.windows, {}, places);
  const auto values = testing::FromBytes<float>(columns[testing::kRewardLeaf]);
  for (size_t row = 1; row < 6; ++row) {
    for (size_t i = 0; i < 64; ++i) ASSERT_EQ(values[row * 64 + i], values[i] + row);
  }
}

TEST_F(StoreTest, NothingReachesOverAGap) {
  Make({Options("a", 2)});
  const std::vector<Items> back = {{0, {0}, {-1}, {}}};
  ASSERT_TRUE(Insert(7, 1, {}).ok());
  EXPECT_EQ(*Insert(7, 3, back), Verdict::kStored);  // 2 was lost
  EXPECT_EQ(store_->counters().missing, 1U);
  EXPECT_EQ(store_->counters().unlinked_items, 1U);
  EXPECT_EQ(*Insert(7, 4, back, /*epoch=*/2), Verdict::kStored);  // another life of the writer
  EXPECT_EQ(store_->counters().unlinked_items, 2U);
  EXPECT_TRUE(store_->Reject(7, 2, 5));
  EXPECT_FALSE(store_->Reject(7, 2, 5));
  EXPECT_EQ(*Insert(7, 5, back, 2), Verdict::kRepeated);
  EXPECT_EQ(*Insert(7, 6, back, 2), Verdict::kStored);
  EXPECT_EQ(store_->counters().unlinked_items, 3U);
  EXPECT_EQ(store_->counters().rejected, 1U);
  EXPECT_EQ(store_->counters().missing, 2U);
  store_->KeepWriters({8});
  EXPECT_EQ(*Insert(7, 7, back, 2), Verdict::kStored);
  EXPECT_EQ(store_->counters().unlinked_items, 4U);
  EXPECT_EQ(*Insert(7, 8, back, 2), Verdict::kStored);
  EXPECT_EQ(Size(0), 1U);
  EXPECT_EQ(store_->frames(), 6 * kFrames);
}

TEST_F(StoreTest, AnOlderLifeOfAWriterIsRefused) {
  Make({Options("a", 1)});
  store_->Greet(7, 5);
  EXPECT_TRUE(absl::IsFailedPrecondition(Insert(7, 1, {}, 4).status()));
  EXPECT_FALSE(store_->Reject(7, 4, 1));
  EXPECT_EQ(*Insert(7, 1, {}, 5), Verdict::kStored);
}

TEST_F(StoreTest, KeepsNoChunksThatNobodyNeeds) {
  Make({Options("a", 5)});
  for (uint64_t sequence = 1; sequence <= 20; ++sequence) ASSERT_TRUE(Insert(7, sequence, {}).ok());
  EXPECT_EQ(store_->counters().chunks, 2U);  // a window of 5 reaches back to two messages of 3
  store_->KeepWriters({});
  EXPECT_EQ(store_->counters().chunks, 0U);
  EXPECT_EQ(store_->counters().payload_bytes, 0U);
}

TEST_F(StoreTest, NothingIsStoredPastTheBudget) {
  Make({Options("a", 1)}, 2 * kFrames + 1);
  const std::vector<Items> one = {{0, {0}, {0}, {}}};
  EXPECT_EQ(*Insert(7, 1, one), Verdict::kStored);
  EXPECT_FALSE(store_->budget_spent());
  EXPECT_EQ(*Insert(8, 1, one), Verdict::kStored);
  EXPECT_TRUE(store_->budget_spent());
  EXPECT_EQ(*Insert(7, 2, one), Verdict::kLate);
  EXPECT_EQ(store_->frames(), 2 * kFrames);
  EXPECT_EQ(store_->counters().late, 1U);
  EXPECT_EQ(Size(0), 2U);
}

// Else a learner of several servers would wait for the one that has had its share.
TEST_F(StoreTest, WithTheBudgetSpentNoSampleIsHeldBack) {
  TableOptions options = Options("a", 1);
  options.rate_limit.min_diff = 0;  // no more samples than inserts
  Make({options}, 2 * kFrames);
  const std::vector<Items> one = {{0, {0}, {0}, {}}};
  SampledBatch batch(testing::kSteps);
  EXPECT_EQ(*Insert(7, 1, one), Verdict::kStored);
  EXPECT_TRUE(store_->table(0).TrySample(1, &batch));
  EXPECT_FALSE(store_->table(0).TrySample(1, &batch));
  EXPECT_EQ(*Insert(7, 2, one), Verdict::kStored);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(store_->table(0).TrySample(1, &batch)) << i;
}

// A server that was killed when it was full: whoever wrote to it was told, and sends no more.
TEST_F(StoreTest, TheBudgetStaysSpentOverARestart) {
  TableOptions options = Options("a", 1);
  options.rate_limit.min_diff = 0;
  const std::vector<Items> one = {{0, {0}, {0}, {}}};
  std::vector<std::unique_ptr<Store>> old;  // the chunks are theirs: they go last
  SampledBatch batch(testing::kSteps);
  for (const uint64_t rest : {uint64_t{0}, kFrames - 1, kFrames}) {
    SCOPED_TRACE(rest);
    Make({options}, 2 * kFrames + rest);
    EXPECT_EQ(*Insert(7, 1, one), Verdict::kStored);
    EXPECT_FALSE(store_->budget_spent());
    EXPECT_EQ(*Insert(7, 2, one), Verdict::kStored);
    old.push_back(std::move(store_));
    Make({options}, 2 * kFrames + rest);
    ASSERT_TRUE(store_->Restore(old.back()->Snapshot()).ok());
    EXPECT_EQ(store_->budget_spent(), rest < kFrames);
    EXPECT_EQ(old.back()->budget_spent(), rest < kFrames);
    EXPECT_TRUE(store_->table(0).TrySample(2, &batch));
    EXPECT_EQ(store_->table(0).TrySample(1, &batch), rest < kFrames);
    EXPECT_EQ(store_->table(0).status().limit.min_diff, 0);  // for a run with a larger budget
    store_.reset();
  }
}

// Three writers, of whom the limiter lets one through at a time. The first is twice in front.
TEST_F(StoreTest, EachWriterGetsItsTurn) {
  TableOptions options = Options("a", 1);
  options.rate_limit.min_diff = 0;
  options.rate_limit.max_diff = 1;
  Make({options});
  constexpr uint64_t kWriters = 3;
  const std::vector<Items> one = {{0, {0}, {0}, {}}};
  SampledBatch batch(testing::kSteps);
  std::vector<uint64_t> order;
  std::map<uint64_t, std::pair<Insertion, Store::Ticket>> waiting;
  std::vector<uint64_t> woken;
  std::map<uint64_t, uint64_t> sequences;
  const auto insert = [&](uint64_t writer) {
    auto& [insertion, ticket] = waiting[writer];
    const auto verdict = store_->Insert(
        &insertion, [&woken, writer] { woken.push_back(writer); }, &ticket);
    ASSERT_TRUE(verdict.ok());
    if (*verdict == Verdict::kWaiting) return;
    order.push_back(writer);
    waiting[writer].first = MakeInsertion(writer, ++sequences[writer], one);
    // It comes again at once, perhaps before those whom it has woken.
    EXPECT_EQ(*store_->Insert(
                  &waiting[writer].first, [&woken, writer] { woken.push_back(writer); }, &ticket),
              Verdict::kWaiting);
  };
  for (uint64_t writer = 1; writer <= kWriters; ++writer) {
    waiting[writer].first = MakeInsertion(writer, ++sequences[writer], one);
    insert(writer);
  }
  while (order.size() < 10) {
    ASSERT_TRUE(store_->table(0).TrySample(1, &batch));
    for (const uint64_t writer : std::exchange(woken, {})) insert(writer);
  }
  EXPECT_EQ(order, (std::vector<uint64_t>{1, 1, 2, 3, 1, 2, 3, 1, 2, 3}));
  for (auto& [writer, one_waiting] : waiting) {
    EXPECT_TRUE(store_->CancelInsert(one_waiting.second));
  }
}

TEST_F(StoreTest, AMessageWaitsWholeForTheSlowestTable) {
  TableOptions slow = Options("slow", 1);
  slow.rate_limit.min_diff = 0;
  slow.rate_limit.max_diff = 2;
  Make({Options("fast", 1), slow});
  const std::vector<Items> both = {{0, {0}, {0}, {}}, {1, {0}, {0}, {}}};
  ASSERT_EQ(*Insert(7, 1, both), Verdict::kStored);
  ASSERT_EQ(*Insert(7, 2, both), Verdict::kStored);
  Insertion third = MakeInsertion(7, 3, both);
  bool woken = false;
  EXPECT_EQ(*store_->Insert(
                &third, [&] { woken = true; }, &ticket_),
            Verdict::kWaiting);
  EXPECT_EQ(Size(0), 2U);
  EXPECT_EQ(store_->table(1).status().insert.waiting, 1U);
  EXPECT_EQ(store_->frames(), 2 * kFrames);
  SampledBatch batch(kSteps);
  ASSERT_TRUE(store_->table(1).TrySample(1, &batch));
  EXPECT_TRUE(woken);
  EXPECT_EQ(*store_->Insert(
                &third, [] {}, &ticket_),
            Verdict::kStored);
  EXPECT_EQ(Size(0), 3U);

  Insertion fourth = MakeInsertion(7, 4, both);
  EXPECT_EQ(*store_->Insert(
                &fourth, [] { FAIL(); }, &ticket_),
            Verdict::kWaiting);
  EXPECT_TRUE(store_->CancelInsert(ticket_));
}

// A sampler's Wake inserts, in the midst of the insert that woke it.
TEST_F(StoreTest, AWakeMayCallTheStore) {
  Make({Options("a", 1)});
  SampledBatch batch(kSteps);
  absl::StatusOr<Verdict> verdict;
  store_->table(0).Sample(1, &batch, [&] { verdict = Insert(8, 1, {{0, {0}, {0}, {}}}); });
  ASSERT_TRUE(Insert(7, 1, {{0, {0}, {0}, {}}}).ok());
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ(*verdict, Verdict::kStored);
}

TEST_F(StoreTest, EpisodesOfStoredMessagesAreLogged) {
  Make({Options("a", 1)});
  Insertion insertion = MakeInsertion(7, 1, {});
  testing::AddEpisode(insertion.unrolls.get(), 12, 34);
  ASSERT_TRUE(store_
                  ->Insert(
                      &insertion, [] {}, &ticket_)
                  .ok());
  uint64_t cursor = 0;
  std::vector<Episode> episodes;
  store_->episodes().Read(&cursor, 10, &episodes);
  ASSERT_EQ(episodes.size(), 1U);
  EXPECT_EQ(episodes[0].return_(), 12);
}

TEST_F(StoreTest, ASnapshotMakesAStoreThatGoesOn) {
  const std::vector<TableOptions> tables = {Options("a", 2), Options("b", 1)};
  Make(tables);
  ASSERT_TRUE(Insert(7, 1, {{0, {0, 1}, {0, 1}, {}}, {1, {0}, {0}, {5}}}).ok());
  ASSERT_TRUE(Insert(8, 4, {{0, {0}, {0}, {}}}).ok());
  const std::unique_ptr<Store> old = std::move(store_);
  Make(tables);
  ASSERT_TRUE(store_->Restore(old->Snapshot()).ok());
  EXPECT_EQ(store_->frames(), 2 * kFrames);
  EXPECT_EQ(store_->counters().missing, 3U);
  EXPECT_EQ(Size(0), 3U);
  EXPECT_EQ(store_->Greet(8, 1).last_sequence, 4U);
  // The writer's next message links to what the snapshot kept.
  EXPECT_EQ(*Insert(7, 2, {{0, {0}, {-1}, {}}}), Verdict::kStored);
  EXPECT_EQ(store_->counters().unlinked_items, 0U);
  Make({Options("a", 2)});
  EXPECT_TRUE(absl::IsInvalidArgument(store_->Restore(old->Snapshot())));
}

}  // namespace
}  // namespace drover
