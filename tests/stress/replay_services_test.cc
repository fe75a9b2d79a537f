// A replay server under sixteen writers and four learners at once, over gRPC: inserts that a rate
// limiter holds back, samples, new priorities, deletions, a limiter that moves, members that are
// fenced, and checkpoints all the time.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "client/replay_sampler.h"
#include "client/replay_writer.h"
#include "common/file.h"
#include "common/random.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "proto/replay.grpc.pb.h"
#include "replay/replay_checkpointer.h"
#include "tests/replay/messages.h"
#include "tests/support/replay_server.h"

namespace drover {
namespace {

using testing::kItemsAMessage;
using testing::kLearnerMember;
using testing::kLearners;
using testing::kWriters;

using Clock = std::chrono::steady_clock;

constexpr int kMessages = 200;  // of each writer
constexpr std::chrono::seconds kLimit{60};

testing::ReplayServer::Options Options() {
  testing::ReplayServer::Options options;
  options.tables = {testing::SmallTable("table", SelectorConfig::prioritized),
                    testing::SmallTable("queue", SelectorConfig::fifo)};
  options.tables[0].rate_limit.max_diff = 500;
  options.tables[1].capacity = 100;
  return options;
}

class ReplayStressTest : public ::testing::Test {
 protected:
  ReplayStressTest() : server_(Options()) { server_.Serve(); }

  Identity Who(uint64_t member) const { return testing::ReplayIdentity(member, epoch_); }

  void Write(uint64_t member) {
    ReplayWriter::Options options;
    options.identity = [this, member] { return Who(member); };
    options.server = server_.peer();
    options.spec_hash = testing::kReplaySpecHash;
    options.environments = testing::kEnvironments;
    options.window = 3;
    ReplayWriter writer(std::move(options));
    for (int i = 0; i < kMessages; ++i) {
      InsertRequest request =
          testing::InsertOf(testing::MakeUnrolls(0, 0), i % 2 == 0 ? "table" : "queue").insert();
      ASSERT_TRUE(writer.Insert(&request, Clock::now() + kLimit).ok());
    }
    ASSERT_TRUE(writer.Flush(Clock::now() + kLimit).ok());
    EXPECT_EQ(writer.counters().acknowledged, static_cast<uint64_t>(kMessages));
  }

  void Learn(uint64_t member) {
    ReplaySampler::Options options;
    options.identity = [this, member] { return Who(member); };
    options.servers = {server_.peer()};
    options.layout = &layout_;
    options.spec_hash = testing::kReplaySpecHash;
    options.table = "table";
    options.steps = 1;
    options.batch = 32;
    ReplaySampler sampler(std::move(options));
    const auto stub = ReplayService::NewStub(MakeChannel(server_.address(), ChannelUse::kControl));
    Random random({member});
    ReplayBatch batch;
    while (!over_) {
      if (!sampler.Next(&batch, Clock::now() + std::chrono::milliseconds(10)).ok()) continue;
      std::vector<float> priorities(batch.keys.size());
      for (float& priority : priorities) priority = random.UniformFloat();
      sampler.Update(batch.keys, priorities);
      UpdateRequest deletion;
      const Identity identity = Who(member);
      deletion.set_run_id(identity.run_id);
      deletion.set_member_id(member);
      deletion.set_epoch(identity.epoch);
      deletion.set_table("table");
      deletion.add_deletes(batch.keys[0]);
      CallUnary(stub.get(), &ReplayService::Stub::Update, deletion, kLimit).IgnoreError();
      ++batches_;
    }
  }

  // The coordinator's doing, and people's.
  void Disturb() {
    const auto stub = ReplayService::NewStub(MakeChannel(server_.address(), ChannelUse::kControl));
    for (uint64_t round = 2; !over_; ++round) {
      ConfigureRequest request;
      request.set_table("table");
      request.set_max_diff(round % 2 == 0 ? 300 : 500);
      EXPECT_TRUE(CallUnary(stub.get(), &ReplayService::Stub::Configure, request, kLimit).ok());
      EXPECT_TRUE(CallUnary(stub.get(), &ReplayService::Stub::Info, InfoRequest(), kLimit).ok());
      if (round % 4 == 0 && round <= 40) {
        epoch_ = testing::kReplayEpoch + round;
        server_.services().SetTable(testing::ReplayMembers(round, epoch_));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  const UnrollLayout layout_ = UnrollLayout::Make(testing::TestSpec()).value();
  const TempDirectory directory_ = TempDirectory::Make().value();
  testing::ReplayServer server_;
  std::atomic<uint64_t> epoch_{testing::kReplayEpoch};
  std::atomic<bool> over_{false};
  std::atomic<uint64_t> batches_{0};
};

TEST_F(ReplayStressTest, EachMessageCountsOnceWhateverHappensAroundIt) {
  ReplayCheckpointer::Options saving;
  saving.store = &server_.store();
  saving.root = directory_.path();
  saving.every = std::chrono::milliseconds(10);
  ReplayCheckpointer checkpointer(std::move(saving));
  std::vector<std::thread> others;
  for (uint64_t i = 0; i < kLearners; ++i) {
    others.emplace_back([this, i] { Learn(kLearnerMember + i); });
  }
  others.emplace_back([this] { Disturb(); });
  std::vector<std::thread> writers;
  for (uint64_t i = 1; i <= kWriters; ++i) writers.emplace_back([this, i] { Write(i); });
  for (std::thread& thread : writers) thread.join();
  over_ = true;
  for (std::thread& thread : others) thread.join();

  const StoreCounters counters = server_.store().counters();
  EXPECT_EQ(counters.messages, kWriters * kMessages);
  EXPECT_EQ(counters.frames, kWriters * kMessages * kItemsAMessage);
  EXPECT_EQ(counters.missing, 0U);
  const InfoReply info = server_.services().info();
  EXPECT_EQ(info.tables(0).inserts() + info.tables(1).inserts(),
            kWriters * kMessages * kItemsAMessage);
  EXPECT_GT(batches_, 0U);
  EXPECT_TRUE(checkpointer.SaveNow().ok());
  EXPECT_EQ(checkpointer.status().error, "");
}

}  // namespace
}  // namespace drover
