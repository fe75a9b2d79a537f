#include "replay/replay_main.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "client/replay_writer.h"
#include "common/file.h"
#include "common/rpc/address.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/spec.h"
#include "proto/replay.grpc.pb.h"
#include "tests/replay/messages.h"
#include "tests/support/coordinator_server.h"
#include "tests/support/socket.h"

namespace drover {
namespace {

using testing::InsertOf;
using testing::kItemsAMessage;
using testing::MakeUnrolls;

using Clock = std::chrono::steady_clock;
using Seen = CoordinatorServer::Seen;

Clock::time_point InAMinute() { return Clock::now() + std::chrono::seconds(60); }

Experiment Config() {
  Experiment experiment;
  experiment.set_seed(1);
  experiment.mutable_budget()->set_max_frames(1000);
  Replay* replay = experiment.mutable_replay();
  replay->set_shards(2);
  replay->set_durability(Replay::Durability::snapshot);
  replay->set_snapshot_every_seconds(1000);
  replay->set_keep(2);
  replay->add_tables()->set_name("table");
  return experiment;
}

// A replay server's process in a thread of this one, its coordinator, and its peers.
class ReplayMainTest : public ::testing::Test {
 protected:
  explicit ReplayMainTest(const Experiment& experiment = Config())
      : coordinator_(experiment, testing::TestSpec()) {
    coordinator_.SetRunDir(directory_.path());
    MemberTable table = testing::ReplayMembers(1);
    coordinator_.SetMembers({table.members().begin(), table.members().end()});
    coordinator_.Serve();
    options_.coordinator = coordinator_.address();
    options_.listen = {address_};
    options_.index = 1;
    options_.stop = [this] { return stop_.load(); };
  }
  ~ReplayMainTest() override { Stop().IgnoreError(); }

  void Start() {
    stop_ = false;
    running_ = std::thread([this] { status_ = RunReplay(options_); });
  }

  absl::Status Stop() {
    stop_ = true;
    if (running_.joinable()) running_.join();
    return status_;
  }

  Identity identity(uint64_t member) const { return {"run", member, testing::kReplayEpoch, 1}; }
  PeerFn peer() const {
    return [endpoint = LocalEndpoint({address_})](std::chrono::milliseconds) { return endpoint; };
  }
  uint64_t spec_hash() const {
    Spec spec = testing::TestSpec();
    spec.set_protocol_version(kProtocolVersion);
    return SpecHash(spec);
  }

  void Insert(ReplayWriter* writer, const std::vector<float>& priorities = {}) {
    InsertRequest request = InsertOf(MakeUnrolls(0, 0), "table", priorities).insert();
    ASSERT_TRUE(writer->Insert(&request, InAMinute()).ok());
    ASSERT_TRUE(writer->Flush(InAMinute()).ok());
  }
  std::unique_ptr<ReplayWriter> Writer() const {
    ReplayWriter::Options options;
    options.identity = [id = identity(1)] { return id; };
    options.server = peer();
    options.spec_hash = spec_hash();
    options.environments = testing::kEnvironments;
    return std::make_unique<ReplayWriter>(std::move(options));
  }

  // Waits until a report says so many items.
  bool Reported(uint64_t size) {
    return coordinator_.WaitFor([size](const Seen& seen) {
      return !seen.reports.empty() && seen.reports.back().replay().tables_size() > 0 &&
             seen.reports.back().replay().tables(0).size() == size;
    });
  }

  const TempDirectory directory_ = TempDirectory::Make().value();
  const std::string address_ = NewSocketAddress();
  CoordinatorServer coordinator_;
  ReplayOptions options_;
  std::atomic<bool> stop_{false};
  absl::Status status_;
  std::thread running_;
};

TEST_F(ReplayMainTest, JoinsServesReportsAndLeaves) {
  Start();
  ASSERT_TRUE(Reported(0));
  const RegisterRequest registration = coordinator_.seen().registrations.at(0);
  EXPECT_EQ(registration.role(), Role::replay);
  EXPECT_EQ(registration.index(), 1U);
  ASSERT_EQ(registration.endpoint().addresses_size(), 1);
  EXPECT_EQ(registration.endpoint().addresses(0), address_);
  const auto writer = Writer();
  Insert(writer.get());
  ASSERT_TRUE(Reported(kItemsAMessage));
  EXPECT_TRUE(Stop().ok());
  const Seen seen = coordinator_.seen();
  ASSERT_EQ(seen.goodbyes.size(), 1U);
  EXPECT_EQ(seen.goodbyes[0].replay().frames(), kItemsAMessage);
  EXPECT_EQ(seen.goodbyes[0].replay().checkpoint_error(), "");
}

TEST_F(ReplayMainTest, GoesOnFromWhatItSavedAtTheEnd) {
  Start();
  {
    const auto writer = Writer();
    Insert(writer.get(), {1, 2, 3, 4, 5, 6});
  }
  ASSERT_TRUE(Stop().ok());
  EXPECT_EQ(ListDirectory(directory_.path() + "/replay/1").value().size(), 1U);
  Start();
  ASSERT_TRUE(Reported(kItemsAMessage));
  const auto writer = Writer();
  EXPECT_EQ(writer->WaitForWelcome(InAMinute()).value(), 1U);
  EXPECT_TRUE(Stop().ok());
}

TEST_F(ReplayMainTest, SavesWhenAsked) {
  Start();
  ASSERT_TRUE(Reported(0));
  const auto stub = ReplayService::NewStub(MakeChannel(address_, ChannelUse::kControl));
  for (int i = 0; i < 3; ++i) {
    const auto reply = CallUnary(stub.get(), &ReplayService::Stub::Checkpoint, CheckpointRequest(),
                                 std::chrono::seconds(60));
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_NE(reply->checkpoint(), "");
  }
  EXPECT_EQ(ListDirectory(directory_.path() + "/replay/1").value().size(), 2U);
  EXPECT_TRUE(Stop().ok());
}

TEST_F(ReplayMainTest, SaysWhenNothingIsLeftToDo) {
  std::atomic<int> left{0};
  options_.left = [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(coordinator_.seen().goodbyes.size(), 1U);
    EXPECT_EQ(ListDirectory(directory_.path() + "/replay/1").value().size(), 1U);
    ++left;
  };
  Start();
  ASSERT_TRUE(Reported(0));
  EXPECT_TRUE(Stop().ok());
  EXPECT_EQ(left, 1);
}

TEST_F(ReplayMainTest, EndsWithTheRun) {
  Start();
  ASSERT_TRUE(Reported(0));
  coordinator_.SetState(RunState::draining);
  running_.join();
  EXPECT_TRUE(status_.ok());
  EXPECT_EQ(coordinator_.seen().goodbyes.size(), 1U);
}

TEST_F(ReplayMainTest, TakesItsShareOfTheBudget) {
  Start();
  const auto writer = Writer();
  InsertRequest request = InsertOf(MakeUnrolls(0, 0)).insert();
  ASSERT_TRUE(writer->Insert(&request, InAMinute()).ok());
  absl::Status status;
  while (status.ok()) {
    status =
        writer->Insert(&request, std::chrono::steady_clock::now() + std::chrono::milliseconds(300));
  }
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  ASSERT_TRUE(coordinator_.WaitFor([](const Seen& seen) {
    return !seen.reports.empty() &&
           seen.reports.back().replay().frames() == 500 / kItemsAMessage * kItemsAMessage;
  }));
  EXPECT_TRUE(Stop().ok());
}

TEST_F(ReplayMainTest, IsNoneOfTheRunsShards) {
  options_.index = 2;
  Start();
  running_.join();
  EXPECT_TRUE(absl::IsInvalidArgument(status_)) << status_;
}

TEST_F(ReplayMainTest, GivesUpWhereNoCoordinatorIs) {
  coordinator_.Kill();
  Start();
  EXPECT_TRUE(absl::IsCancelled(Stop())) << status_;
}

}  // namespace
}  // namespace drover
