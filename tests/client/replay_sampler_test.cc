#include "client/replay_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client/replay_writer.h"
#include "tests/replay/messages.h"
#include "tests/support/replay_server.h"

namespace drover {
namespace {

using testing::InsertOf;
using testing::kItemsAMessage;
using testing::kSteps;
using testing::MakeUnrolls;
using testing::ReplayServer;
using testing::SmallTable;

using Clock = std::chrono::steady_clock;

Clock::time_point InAMinute() { return Clock::now() + std::chrono::seconds(60); }
Clock::time_point Soon() { return Clock::now() + std::chrono::milliseconds(5); }

// Servers of a table of priorities with α = 1, a writer for each, and a sampler of them all.
class ReplaySamplerTest : public ::testing::Test {
 protected:
  void Serve(size_t shards, uint32_t min_size = 1) {
    for (size_t shard = 0; shard < shards; ++shard) {
      ReplayServer::Options options;
      options.tables = {SmallTable("table", SelectorConfig::prioritized)};
      options.tables[0].priority_exponent = 1;
      options.tables[0].rate_limit.min_size = min_size;
      options.shard = static_cast<uint8_t>(shard);
      servers_.push_back(std::make_unique<ReplayServer>(std::move(options)));
      servers_.back()->Serve();
    }
  }

  // Six items whose rewards are base + {0, 10, 1, 11, 2, 12}.
  void Insert(size_t shard, float base, const std::vector<float>& priorities,
              bool terminated = false) {
    ReplayWriter::Options options;
    options.identity = [] { return testing::ReplayIdentity(1); };
    options.server = servers_[shard]->peer();
    options.spec_hash = testing::kReplaySpecHash;
    options.environments = testing::kEnvironments;
    ReplayWriter writer(options);
    Unrolls unrolls = MakeUnrolls(0, 4, base);
    if (terminated) testing::Terminate(&unrolls, 2, 0, base);
    InsertRequest request = InsertOf(unrolls, "table", priorities).insert();
    ASSERT_TRUE(writer.Insert(&request, InAMinute()).ok());
    ASSERT_TRUE(writer.Flush(InAMinute()).ok());
  }

  ReplaySampler::Options Options(size_t batch = 8) {
    ReplaySampler::Options options;
    options.identity = [] { return testing::ReplayIdentity(testing::kLearnerMember); };
    for (const auto& server : servers_) options.servers.push_back(server->peer());
    options.layout = &layout_;
    options.spec_hash = testing::kReplaySpecHash;
    options.table = "table";
    options.steps = 1;
    options.batch = batch;
    options.limits = {std::chrono::milliseconds(20), std::chrono::minutes(1)};
    return options;
  }

  // The sampler has heard of so many items.
  static bool WaitForItems(const ReplaySampler& sampler, uint64_t items) {
    while (sampler.counters().items != items) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  static std::vector<float> Rewards(const ReplayBatch& batch) {
    return testing::FromBytes<float>(batch.columns[testing::kRewardLeaf]);
  }

  const UnrollLayout layout_ = UnrollLayout::Make(testing::TestSpec()).value();
  std::vector<std::unique_ptr<ReplayServer>> servers_;
};

TEST_F(ReplaySamplerTest, TakesBatches) {
  Serve(1);
  Insert(0, 100, {1, 2, 3, 4, 5, 6});
  ReplaySampler sampler(Options());
  ReplayBatch batch;
  const std::map<float, float> priorities{{100, 1}, {110, 2}, {101, 3},
                                          {111, 4}, {102, 5}, {112, 6}};
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
    EXPECT_EQ(batch.items, kItemsAMessage);
    const std::vector<float> rewards = Rewards(batch);
    const auto observations =
        testing::FromBytes<float>(batch.columns[testing::kObservationLeaf]);  // [2, 8, 2]
    ASSERT_EQ(rewards.size(), 8U);
    ASSERT_EQ(observations.size(), 32U);
    for (size_t j = 0; j < 8; ++j) {
      ASSERT_EQ(priorities.count(rewards[j]), 1U);
      EXPECT_EQ(batch.priorities[j], priorities.at(rewards[j]));
      EXPECT_NEAR(batch.probabilities[j], batch.priorities[j] / 21, 1e-6);
      EXPECT_EQ(observations[2 * j], rewards[j]);
      EXPECT_EQ(observations[16 + 2 * j], rewards[j] + 1);
      EXPECT_EQ(batch.versions[j], 4U);
      EXPECT_GE(batch.times_sampled[j], 1U);
    }
  }
  EXPECT_EQ(sampler.counters().batches, 10U);
  EXPECT_EQ(sampler.counters().frames, kItemsAMessage);
  // Two more were asked for ahead.
  EXPECT_LE(servers_[0]->services().info().tables(0).samples(), 12U * 8);
}

TEST_F(ReplaySamplerTest, SparseRowsOfAllPartsAreInOrder) {
  Serve(2);
  for (size_t shard = 0; shard < 2; ++shard) {
    ReplayWriter::Options options;
    options.identity = [] { return testing::ReplayIdentity(1); };
    options.server = servers_[shard]->peer();
    options.spec_hash = testing::kReplaySpecHash;
    options.environments = testing::kEnvironments;
    ReplayWriter writer(options);
    const float base = shard == 0 ? 0 : 100;
    Unrolls unrolls = MakeUnrolls(0, 0, base);
    testing::Truncate(&unrolls, 0, 1, base + 55, 0);
    testing::Truncate(&unrolls, 2, 0, base + 66, 0);
    InsertRequest request = InsertOf(unrolls).insert();
    ASSERT_TRUE(writer.Insert(&request, InAMinute()).ok());
    ASSERT_TRUE(writer.Flush(InAMinute()).ok());
  }
  ReplaySampler sampler(Options(32));
  ReplayBatch batch;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
    const std::vector<float> rewards = Rewards(batch);
    const auto finals = testing::FromBytes<float>(batch.columns[testing::kFinalLeaf]);
    ASSERT_EQ(finals.size(), 2 * batch.finals.size());
    size_t next = 0;
    for (uint32_t item = 0; item < 32; ++item) {
      const auto end = static_cast<uint8_t>(batch.columns[testing::kEndLeaf][item]);
      if (end != 2) continue;
      ASSERT_LT(next, batch.finals.size());
      EXPECT_EQ(batch.finals[next], std::make_pair(0U, item));
      const float base = rewards[item] >= 100 ? 100 : 0;
      EXPECT_EQ(finals[2 * next], base + (rewards[item] == base + 10 ? 55 : 66));
      ++next;
    }
    EXPECT_EQ(next, batch.finals.size());
  }
}

// One server or four: each item comes as often, and a batch says with which probability.
TEST_F(ReplaySamplerTest, ShardsMakeNoDifferenceToWhatIsDrawn) {
  constexpr size_t kBatch = 30;
  constexpr int kBatches = 1500;
  const std::vector<std::vector<float>> priorities{
      {1, 2, 3, 4, 5, 6}, {0.5, 0.5, 0.5, 9, 9, 9}, {1, 1, 1, 1, 1, 1}, {30, 1, 1, 1, 1, 1}};
  float total = 0;
  for (const auto& some : priorities) {
    for (const float p : some) total += p;
  }
  const std::vector<int> order{0, 10, 1, 11, 2, 12};
  for (const size_t shards : {1, 4}) {
    SCOPED_TRACE(shards);
    servers_.clear();
    Serve(shards);
    std::map<float, float> priority;
    for (size_t i = 0; i < 4; ++i) {
      const float base = 100.0F * static_cast<float>(i);
      Insert(i % shards, base, priorities[i]);
      for (size_t j = 0; j < 6; ++j)
        priority[base + static_cast<float>(order[j])] = priorities[i][j];
    }
    ReplaySampler::Options options = Options(kBatch);
    ReplaySampler sampler(options);
    ASSERT_TRUE(WaitForItems(sampler, 24));
    ReplayBatch batch;
    // What was asked for before all had connected.
    for (size_t i = 0; i < options.prefetch; ++i) {
      ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
    }
    std::map<float, int> drawn;
    double inverse = 0;
    for (int i = 0; i < kBatches; ++i) {
      ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
      EXPECT_EQ(batch.items, 24U);
      const std::vector<float> rewards = Rewards(batch);
      for (size_t j = 0; j < kBatch; ++j) {
        ++drawn[rewards[j]];
        EXPECT_NEAR(batch.probabilities[j], priority[rewards[j]] / total, 1e-6);
        inverse += 1 / batch.probabilities[j];
      }
    }
    constexpr double kDraws = double{kBatch} * kBatches;
    for (const auto& [reward, p] : priority) {
      const double expected = kDraws * p / total;
      // Draws within a batch are stratified: the deviation is below that of independent ones.
      EXPECT_NEAR(drawn[reward], expected, 5 * std::sqrt(expected)) << reward;
    }
    // An importance-weighted mean of ones counts the items.
    EXPECT_NEAR(inverse / kDraws, 24, 1.0);
  }
}

TEST_F(ReplaySamplerTest, WaitsForItemsAndSaysSo) {
  Serve(2, /*min_size=*/kItemsAMessage);
  ReplaySampler sampler(Options());
  ReplayBatch batch;
  EXPECT_TRUE(absl::IsDeadlineExceeded(sampler.Next(&batch, Soon())));
  EXPECT_TRUE(absl::IsDeadlineExceeded(sampler.Next(&batch, Soon())));
  EXPECT_GE(sampler.counters().wait_current, 0.01);
  Insert(1, 100, {1, 1, 1, 1, 1, 1});
  ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
  EXPECT_EQ(sampler.counters().wait_current, 0);
  EXPECT_GE(Rewards(batch)[0], 100);
}

TEST_F(ReplaySamplerTest, OutlivesTheDeathOfAServerAndFindsItAgain) {
  Serve(2);
  Insert(0, 0, {1, 1, 1, 1, 1, 1});
  Insert(1, 100, {1, 1, 1, 1, 1, 1});
  ReplaySampler sampler(Options());
  ASSERT_TRUE(WaitForItems(sampler, 12));
  ReplayBatch batch;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
  servers_[1]->Kill();
  // What it owed comes from the other, and what comes then knows of one server only.
  ASSERT_TRUE(WaitForItems(sampler, 6));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
  for (size_t j = 0; j < 8; ++j) {
    EXPECT_LT(Rewards(batch)[j], 100);
    EXPECT_NEAR(batch.probabilities[j], 1.0 / 6, 1e-9);
  }
  EXPECT_EQ(batch.items, 6U);
  servers_[1]->Serve();
  Insert(1, 200, {5, 5, 5, 5, 5, 5});
  ASSERT_TRUE(WaitForItems(sampler, 12));
  bool found = false;
  for (int i = 0; i < 100 && !found; ++i) {
    ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
    const std::vector<float> rewards = Rewards(batch);
    found = std::any_of(rewards.begin(), rewards.end(), [](float r) { return r >= 200; });
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(sampler.counters().connections, 3U);
  EXPECT_EQ(sampler.counters().frames, 2 * kItemsAMessage);
  EXPECT_EQ(sampler.counters().lost_frames, kItemsAMessage);
}

TEST_F(ReplaySamplerTest, WaitsWhileNoServerLives) {
  Serve(1);
  Insert(0, 0, {1, 1, 1, 1, 1, 1});
  ReplaySampler sampler(Options());
  ReplayBatch batch;
  ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
  servers_[0]->Kill();
  ASSERT_TRUE(WaitForItems(sampler, 0));
  while (sampler.Next(&batch, Soon()).ok()) {  // what had come
  }
  std::thread taking([&] { EXPECT_TRUE(sampler.Next(&batch, InAMinute()).ok()); });
  servers_[0]->Serve();
  Insert(0, 100, {1, 1, 1, 1, 1, 1});
  taking.join();
  EXPECT_GE(Rewards(batch)[0], 100);
}

// What came before the server died still says among how many it was drawn.
TEST_F(ReplaySamplerTest, ABatchKeepsItsNumberOfItems) {
  Serve(1);
  ReplaySampler::Options options = Options();
  options.prefetch = 16;
  ReplaySampler sampler(options);
  ReplayBatch batch;
  uint64_t taken = 0;
  while (taken == 0) {  // some may not have come
    Insert(0, 0, {1, 1, 1, 1, 1, 1});
    ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
    ASSERT_TRUE(servers_[0]->WaitFor(
        [](const InfoReply& info) { return info.tables(0).samples() >= 136; }));
    servers_[0]->Kill();
    ASSERT_TRUE(WaitForItems(sampler, 0));
    while (sampler.Next(&batch, Soon()).ok()) {
      ++taken;
      EXPECT_EQ(batch.items, kItemsAMessage);
    }
    servers_[0]->Serve();
  }
}

// A server that said so before it died: whoever wrote to it sends no more.
TEST_F(ReplaySamplerTest, ADrainedServerStaysDrained) {
  ReplayServer::Options options;
  options.tables = {SmallTable("table", SelectorConfig::prioritized)};
  options.max_frames = kItemsAMessage;
  servers_.push_back(std::make_unique<ReplayServer>(options));
  servers_[0]->Serve();
  ReplaySampler sampler(Options());
  Insert(0, 0, {1, 1, 1, 1, 1, 1});
  while (!sampler.counters().drained) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  servers_[0]->Kill();
  servers_[0]->Serve();
  while (sampler.counters().connections < 2) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(sampler.counters().drained);
}

// One that comes twice is not two.
TEST_F(ReplaySamplerTest, KnowsWhenItHasMetAll) {
  Serve(2);
  servers_[1]->Kill();
  ReplaySampler sampler(Options());
  for (const uint64_t connections : {1, 2}) {
    while (sampler.counters().connections < connections) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (connections == 1) servers_[0]->Restart();
  }
  EXPECT_FALSE(sampler.counters().met_all);
  servers_[1]->Serve();
  while (!sampler.counters().met_all) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST_F(ReplaySamplerTest, PrioritiesGoToTheirShard) {
  Serve(2);
  Insert(0, 0, {1, 1, 1, 1, 1, 1});
  Insert(1, 100, {1, 1, 1, 1, 1, 1});
  ReplaySampler sampler(Options(64));
  ASSERT_TRUE(WaitForItems(sampler, 12));
  ReplayBatch batch;
  std::set<uint64_t> keys;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
    keys.insert(batch.keys.begin(), batch.keys.end());
  }
  ASSERT_EQ(keys.size(), 12U);
  // All but one of each shard to 0.
  std::vector<uint64_t> changed(keys.begin(), keys.end());
  std::vector<float> priorities(12, 0);
  priorities[0] = priorities[11] = 2;
  EXPECT_EQ(changed[0] >> 56, 0U);
  EXPECT_EQ(changed[11] >> 56, 1U);
  sampler.Update(changed, priorities);
  ASSERT_TRUE(sampler.FlushUpdates(InAMinute()));
  EXPECT_EQ(sampler.counters().priorities.updated, 12U);
  for (const auto& server : servers_) {
    EXPECT_NEAR(server->services().info().tables(0).mass(), 2, 1e-9);
  }
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
  for (const uint64_t key : batch.keys) EXPECT_TRUE(key == changed[0] || key == changed[11]);
  // Keys of items that are gone with their server.
  servers_[1]->Kill();
  servers_[1]->Serve();
  sampler.Update({changed[11], uint64_t{9} << 56}, {1, 1});
  ASSERT_TRUE(sampler.FlushUpdates(InAMinute()));
  const auto counters = sampler.counters().priorities;
  EXPECT_EQ(counters.stale + counters.unknown + counters.dropped, 1U);
}

TEST_F(ReplaySamplerTest, HandsEpisodesOnOnce) {
  Serve(2);
  Insert(0, 7, {1, 1, 1, 1, 1, 1}, /*terminated=*/true);
  ReplaySampler sampler(Options());
  ReplayBatch batch;
  ASSERT_TRUE(sampler.Next(&batch, InAMinute()).ok());
  std::vector<Episode> episodes = sampler.TakeEpisodes();
  ASSERT_EQ(episodes.size(), 1U);
  EXPECT_EQ(episodes[0].return_(), 7);
  Insert(1, 8, {1, 1, 1, 1, 1, 1}, /*terminated=*/true);
  ASSERT_TRUE(WaitForItems(sampler, 12));
  episodes = sampler.TakeEpisodes();
  ASSERT_EQ(episodes.size(), 1U);
  EXPECT_EQ(episodes[0].return_(), 8);
  EXPECT_EQ(sampler.counters().frames, 2 * kItemsAMessage);
}

TEST_F(ReplaySamplerTest, SaysWhyItWillNeverBeServed) {
  Serve(1);
  Insert(0, 0, {1, 1, 1, 1, 1, 1});
  ReplaySampler::Options options = Options(1 << 20);
  ReplaySampler sampler(options);
  ReplayBatch batch;
  const absl::Status status = sampler.Next(&batch, InAMinute());
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST_F(ReplaySamplerTest, StopsWhileItWaits) {
  Serve(1);
  ReplaySampler sampler(Options());
  std::thread stopping([&sampler] { sampler.Stop(); });
  ReplayBatch batch;
  EXPECT_TRUE(absl::IsCancelled(sampler.Next(&batch, InAMinute())));
  stopping.join();
}

}  // namespace
}  // namespace drover
