// kill -9 of a replay server in the middle of inserts, updates, deletions and checkpoints, at
// random moments, with room for all items and with so little that the oldest go. A checker of the
// history: whatever was acknowledged before the newest checkpoint is in it or was removed, nothing
// twice, each priority is one that the item had since then.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client/replay_sampler.h"
#include "client/replay_writer.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/mutex.h"
#include "common/random.h"
#include "common/rpc/address.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/spec.h"
#include "proto/replay.grpc.pb.h"
#include "replay/checkpoint.h"
#include "tests/replay/messages.h"
#include "tests/support/coordinator_server.h"
#include "tests/support/program.h"
#include "tests/support/socket.h"

namespace drover {
namespace {

using testing::kItemsAMessage;
using testing::kLearnerMember;
using testing::kReplayEpoch;

using Clock = std::chrono::steady_clock;
using Id = int64_t;  // of an item: its reward, which is 20 * message + what MakeUnrolls adds

constexpr int kKills = 25;  // of each capacity, at least
constexpr int kMostKills = 10 * kKills;
constexpr uint64_t kMembers = 3;
constexpr uint32_t kLarge = 1 << 20;  // nothing is removed for room
constexpr uint32_t kSmall = 1200;

// What is known of one item. Its priorities are 1, 2, 3, …, one for each time it was set.
struct Item {
  bool acknowledged = false;
  float least = 1;        // the highest priority that was acknowledged
  float most = 1;         // that was asked for
  bool deletion = false;  // was asked for
  bool deleted = false;   // was acknowledged
  uint64_t key = 0;       // where it was sampled
};
using History = std::map<Id, Item>;

// A writer over all lives of the server.
struct Writer {
  std::unique_ptr<ReplayWriter> writer;
  std::map<uint64_t, int64_t> under_way;  // message, by sequence
  uint64_t acknowledged = 0;              // of the writer's counters, as looked at last
  uint64_t connections = 0;
  uint64_t former_connections = 0;  // when the server's life began
};

Experiment Config(uint32_t capacity) {
  Experiment experiment;
  experiment.set_seed(1);
  experiment.mutable_budget()->set_max_frames(1ULL << 40);
  Replay* replay = experiment.mutable_replay();
  replay->set_shards(1);
  replay->set_durability(Replay::Durability::snapshot);
  replay->set_snapshot_every_seconds(0.05);
  replay->set_keep(2);
  ReplayTable* table = replay->add_tables();
  table->set_name("table");
  table->set_sampler(SelectorConfig::prioritized);
  table->set_capacity(capacity);
  return experiment;
}

Spec RunSpec() {
  Spec spec = testing::TestSpec();
  spec.set_protocol_version(kProtocolVersion);
  return spec;
}

class ReplayKillTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  ReplayKillTest() : coordinator_(Config(GetParam()), testing::TestSpec()), random_(Seed()) {
    coordinator_.SetRunDir(directory_.path());
    const MemberTable table = testing::ReplayMembers(1);
    coordinator_.SetMembers({table.members().begin(), table.members().end()});
    coordinator_.Serve();
    stub_ = ReplayService::NewStub(MakeChannel(address_, ChannelUse::kControl));
  }

  static Random Seed() {
    const char* given = std::getenv("DROVER_FAULT_SEED");
    const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : UnixMicros();
    std::cout << "DROVER_FAULT_SEED=" << seed << std::endl;
    return Random({seed});
  }

  void StartServer() {
    server_ = std::make_unique<Program>(std::vector<std::string>{
        Runfile("cli/drover"), "replay", "--coordinator", coordinator_.address(), "--listen",
        address_, "--log_level", "warning"});
    ASSERT_TRUE(WaitFor([&] { return Info().ok(); })) << server_->Stderr();
  }

  absl::StatusOr<InfoReply> Info() {
    return CallUnary(stub_.get(), &ReplayService::Stub::Info, InfoRequest(),
                     std::chrono::seconds(10));
  }

  // ---- The peers.

  // Inserts messages of six items, all of priority 1, until the server is dead.
  void Write(Writer* writer) {
    while (!over_) {
      const auto message = static_cast<int64_t>(next_message_++);
      {
        MutexLock lock(&mutex_);
        writer_of_[message] = writer;
      }
      InsertRequest request =
          testing::InsertOf(testing::MakeUnrolls(0, 0, 20 * static_cast<float>(message)), "table",
                            std::vector<float>(kItemsAMessage, 1))
              .insert();
      absl::Status status = absl::DeadlineExceededError("");
      while (absl::IsDeadlineExceeded(status) && !over_) {
        status = writer->writer->Insert(&request, Clock::now() + std::chrono::milliseconds(20));
      }
      if (status.ok()) writer->under_way[request.unrolls().sequence()] = message;
      if (!status.ok() && !absl::IsDeadlineExceeded(status)) ADD_FAILURE() << status;
      NoteAcknowledged(writer);
    }
  }

  // Acknowledgements come in order. Those that came around a reconnection may be of the server's
  // former life: they say nothing.
  void NoteAcknowledged(Writer* writer) {
    const ReplayWriter::Counters now = writer->writer->counters();
    const bool new_connection =
        std::exchange(writer->connections, now.connections) != now.connections;
    const bool of_this_life = !new_connection && now.connections > writer->former_connections;
    MutexLock lock(&mutex_);
    for (; writer->acknowledged < now.acknowledged; ++writer->acknowledged) {
      const auto message = writer->under_way.begin();
      for (const int offset : {0, 10, 1, 11, 2, 12}) {
        if (of_this_life) history_[20 * message->second + offset].acknowledged = true;
      }
      writer->under_way.erase(message);
    }
  }

  // Samples items, raises the priority of each by 1 and deletes a few, until the server is dead.
  void Learn() {
    ReplaySampler::Options options;
    options.identity = [] { return testing::ReplayIdentity(kLearnerMember); };
    options.servers = {Server()};
    options.layout = &layout_;
    options.spec_hash = SpecHash(RunSpec());
    options.table = "table";
    options.steps = 1;
    options.batch = 64;
    ReplaySampler sampler(std::move(options));
    ReplayBatch batch;
    while (!over_) {
      if (!sampler.Next(&batch, Clock::now() + std::chrono::milliseconds(20)).ok()) continue;
      const std::vector<float> rewards =
          testing::FromBytes<float>(batch.columns[testing::kRewardLeaf]);
      UpdateRequest request;
      request.set_run_id("run");
      request.set_member_id(kLearnerMember);
      request.set_epoch(kReplayEpoch);
      request.set_table("table");
      std::set<Id> raised;
      Id deleted = -1;
      {
        MutexLock lock(&mutex_);
        for (size_t i = 0; i < rewards.size(); ++i) {
          const auto id = static_cast<Id>(rewards[i]);
          Item& item = history_[id];
          item.key = batch.keys[i];
          if (item.deletion || !raised.insert(id).second) continue;
          request.add_keys(batch.keys[i]);
          request.add_priorities(item.most += 1);
          if (request.deletes_size() > 0) continue;
          deleted = id;
          item.deletion = true;
          request.add_deletes(batch.keys[i]);
        }
      }
      // Keys of items that were lost name nothing, now or later.
      for (const uint64_t key : lost_) {
        request.add_keys(key);
        request.add_priorities(1000);
      }
      const auto reply = CallUnary(stub_.get(), &ReplayService::Stub::Update, request, kCallLimit);
      if (!reply.ok()) continue;
      // Fewer only where some were removed for room.
      EXPECT_LE(reply->updated(), raised.size());
      EXPECT_LE(reply->deleted(), 1U);
      if (GetParam() == kLarge) EXPECT_EQ(reply->updated(), raised.size());
      if (GetParam() == kLarge) EXPECT_EQ(reply->deleted(), raised.empty() ? 0U : 1U);
      MutexLock lock(&mutex_);
      for (const Id id : raised) history_[id].least = history_[id].most;
      if (deleted >= 0) history_[deleted].deleted = true;
    }
  }

  // Asks for checkpoints: what was acknowledged before one that succeeds is in it.
  void Save() {
    while (!over_) {
      History before;
      {
        MutexLock lock(&mutex_);
        before = history_;
      }
      const auto reply =
          CallUnary(stub_.get(), &ReplayService::Stub::Checkpoint, CheckpointRequest(), kCallLimit);
      MutexLock lock(&mutex_);
      if (reply.ok()) saved_ = std::move(before);
    }
  }

  // ---- The checker.

  // What the next server will start with: each item's priority.
  std::map<Id, float> Stored() {
    const auto store =
        Store::Make(
            {layout_, {*TableOptions::Of(Config(GetParam()).replay().tables(0))}, 1ULL << 40, 0, 1})
            .value();
    const auto path = RestoreNewestStoreCheckpoint(directory_.path() + "/replay/0",
                                                   SpecHash(RunSpec()), store.get());
    std::map<Id, float> stored;
    if (absl::IsNotFound(path.status())) return stored;
    EXPECT_TRUE(path.ok()) << path.status();
    const StoreSnapshot snapshot = store->Snapshot();
    for (const Slot& slot : snapshot.tables[0].slots) {
      if (!slot.occupied()) continue;
      const auto [chunk, step] = slot.window.Locate(slot.window.first_step(), testing::kSteps);
      float reward = 0;
      std::memcpy(&reward,
                  chunk->column(testing::kRewardLeaf).data() +
                      sizeof(float) * (step * testing::kEnvironments + slot.window.environment()),
                  sizeof(float));
      EXPECT_TRUE(stored.emplace(static_cast<Id>(reward), slot.priority).second)
          << "item " << reward << " is there twice";
    }
    uint64_t messages = 0;
    for (const StoreSnapshot::Writer& writer : snapshot.writers) messages += writer.last_sequence;
    EXPECT_EQ(snapshot.frames, kItemsAMessage * (messages - snapshot.missing));
    const TableSnapshot& table = snapshot.tables[0];
    EXPECT_EQ(stored.size() + table.evicted + table.deleted, table.limiter.inserts);
    checked_.evicted = table.evicted;
    return stored;
  }

  // Of each writer the oldest message that has an item left. What is older went for room: the
  // remover takes the oldest first, and a writer's messages come in their order.
  std::map<const Writer*, Id> OldestMessages(const std::map<Id, float>& stored)
      DROVER_REQUIRES(mutex_) {
    std::map<const Writer*, Id> oldest;
    for (const auto& [id, priority] : stored) oldest.try_emplace(writer_of_.at(id / 20), id / 20);
    return oldest;
  }

  // The server is dead, and nobody does anything. Goes on from what is left.
  void Check() {
    const std::map<Id, float> stored = Stored();
    MutexLock lock(&mutex_);
    const std::map<const Writer*, Id> oldest = OldestMessages(stored);
    for (const auto& [id, item] : saved_) {
      const bool there = stored.count(id) > 0;
      const auto first = oldest.find(writer_of_.at(id / 20));
      const bool evicted =
          GetParam() == kSmall && !there && (first == oldest.end() || id / 20 <= first->second);
      if (item.acknowledged) ++checked_.acknowledged;
      if (item.least > 1) ++checked_.raised;
      if (item.deleted) ++checked_.deleted;
      if (item.deleted) EXPECT_FALSE(there) << "item " << id << " was deleted";
      if (item.acknowledged && !history_[id].deletion && !evicted) {
        EXPECT_TRUE(there) << "item " << id << " was acknowledged";
      }
      if (there) EXPECT_GE(stored.at(id), item.least) << "item " << id;
    }
    for (const auto& [id, priority] : stored)
      EXPECT_LE(priority, history_[id].most) << "item " << id;
    lost_.clear();
    for (const auto& [id, item] : history_) {
      if (item.key != 0 && stored.count(id) == 0 && lost_.size() < 200) lost_.push_back(item.key);
    }
    checked_.lost += lost_.size();
    history_.clear();
    for (const auto& [id, priority] : stored) history_[id] = {true, priority, priority};
    saved_ = history_;
  }

  PeerFn Server() const {
    return [endpoint = LocalEndpoint({address_})](std::chrono::milliseconds) { return endpoint; };
  }

  static constexpr std::chrono::seconds kCallLimit{10};

  const UnrollLayout layout_ = UnrollLayout::Make(RunSpec()).value();
  const TempDirectory directory_ = TempDirectory::Make().value();
  const std::string address_ = NewSocketAddress();
  CoordinatorServer coordinator_;
  Random random_;
  std::unique_ptr<Program> server_;
  std::unique_ptr<ReplayService::Stub> stub_;
  std::atomic<bool> over_{false};  // of the server's life
  std::atomic<uint64_t> next_message_{1};

  Mutex mutex_;
  History history_ DROVER_GUARDED_BY(mutex_);
  std::map<int64_t, const Writer*> writer_of_ DROVER_GUARDED_BY(mutex_);  // by message
  History saved_ DROVER_GUARDED_BY(mutex_);  // as it was before the newest checkpoint began
  std::vector<uint64_t> lost_;               // keys; of the main thread, and of Learn()
  struct {
    uint64_t acknowledged = 0;
    uint64_t raised = 0;
    uint64_t deleted = 0;
    uint64_t lost = 0;
    uint64_t evicted = 0;
  } checked_;  // items, before a checkpoint

  // So many of each kind; on a busy machine that takes more kills.
  bool WorthTheWhile() const {
    return checked_.acknowledged > 1000 && checked_.raised > 100 && checked_.deleted > 10 &&
           checked_.lost > 10 && (GetParam() != kSmall || checked_.evicted > 100);
  }
};

TEST_P(ReplayKillTest, WhatWasAcknowledgedBeforeACheckpointSurvives) {
  std::vector<Writer> writers(kMembers);
  for (uint64_t i = 0; i < kMembers; ++i) {
    ReplayWriter::Options options;
    options.identity = [member = i + 1] { return testing::ReplayIdentity(member); };
    options.server = Server();
    options.spec_hash = SpecHash(RunSpec());
    options.environments = testing::kEnvironments;
    writers[i].writer = std::make_unique<ReplayWriter>(std::move(options));
  }
  for (int kill = 0; kill < kKills || (kill < kMostKills && !WorthTheWhile()); ++kill) {
    if (HasFailure()) return;
    SCOPED_TRACE(kill);
    over_ = false;
    for (Writer& writer : writers) {
      writer.former_connections = writer.writer->counters().connections;
    }
    ASSERT_NO_FATAL_FAILURE(StartServer());
    std::vector<std::thread> threads;
    threads.reserve(kMembers + 2);
    for (Writer& writer : writers) threads.emplace_back([&] { Write(&writer); });
    threads.emplace_back([&] { Learn(); });
    threads.emplace_back([&] { Save(); });
    std::this_thread::sleep_for(std::chrono::microseconds(random_.Below(200'000)));
    server_->Signal(SIGKILL);
    over_ = true;
    for (std::thread& thread : threads) thread.join();
    server_->Wait();
    Check();
  }
  std::cout << checked_.acknowledged << " acknowledged, " << checked_.raised << " raised, "
            << checked_.deleted << " deleted, " << checked_.lost << " lost, " << checked_.evicted
            << " evicted" << std::endl;
  EXPECT_TRUE(WorthTheWhile());
  if (GetParam() == kLarge) EXPECT_LE(checked_.evicted, 100U);
}

INSTANTIATE_TEST_SUITE_P(Capacities, ReplayKillTest, ::testing::Values(kLarge, kSmall),
                         [](const auto& info) { return info.param == kSmall ? "Small" : "Large"; });

}  // namespace
}  // namespace drover
