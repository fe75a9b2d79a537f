#include "client/replay_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tests/replay/messages.h"
#include "tests/support/replay_server.h"

namespace drover {
namespace {

using testing::InsertOf;
using testing::kEnvironments;
using testing::kItemsAMessage;
using testing::kSteps;
using testing::MakeUnrolls;
using testing::ReplayServer;

using Clock = std::chrono::steady_clock;

Clock::time_point InAMinute() { return Clock::now() + std::chrono::seconds(60); }
Clock::time_point Soon() { return Clock::now() + std::chrono::milliseconds(5); }

InsertRequest Message(float base = 0) { return InsertOf(MakeUnrolls(0, 0, base)).insert(); }

class ReplayWriterTest : public ::testing::Test {
 protected:
  void Serve(ReplayServer::Options options = {}) {
    server_ = std::make_unique<ReplayServer>(std::move(options));
    server_->Serve();
  }
  void ServeLimited(uint64_t max_diff) {
    ReplayServer::Options options;
    options.tables[0].rate_limit.max_diff = static_cast<double>(max_diff);
    Serve(options);
  }

  ReplayWriter::Options Options() {
    ReplayWriter::Options options;
    options.identity = [this] { return testing::ReplayIdentity(1, epoch_); };
    options.server = server_->peer();
    options.spec_hash = testing::kReplaySpecHash;
    options.environments = kEnvironments;
    options.window = 4;
    options.limits = {std::chrono::milliseconds(20), std::chrono::minutes(1)};
    return options;
  }

  // Lets the limiter take as many items again.
  void Sample(uint64_t items) {
    SampledBatch batch(kSteps);
    ASSERT_TRUE(server_->store().table(0).TrySample(items, &batch));
  }

  InfoReply info() { return server_->services().info(); }

  std::unique_ptr<ReplayServer> server_;
  std::atomic<uint64_t> epoch_{testing::kReplayEpoch};
};

TEST_F(ReplayWriterTest, InsertsInSequenceAndLeavesMessagesAsTheyWere) {
  Serve();
  ReplayWriter writer(Options());
  EXPECT_EQ(writer.WaitForWelcome(InAMinute()).value(), 0U);
  InsertRequest message = Message();
  const char* memory = message.unrolls().columns(0).data();
  for (uint64_t sequence = 1; sequence <= 10; ++sequence) {
    ASSERT_TRUE(writer.Insert(&message, InAMinute()).ok());
    EXPECT_EQ(message.unrolls().sequence(), sequence);
    EXPECT_EQ(message.unrolls().columns(0).data(), memory);
    EXPECT_EQ(message.items_size(), 1);
  }
  ASSERT_TRUE(writer.Flush(InAMinute()).ok());
  EXPECT_EQ(info().tables(0).inserts(), 10 * kItemsAMessage);
  EXPECT_EQ(writer.counters().acknowledged, 10U);
  EXPECT_EQ(writer.counters().sent, 10U);
  EXPECT_EQ(writer.counters().frames, 10 * kItemsAMessage);
}

TEST_F(ReplayWriterTest, GoesOnWhereItsFormerLifeEnded) {
  Serve();
  InsertRequest message = Message();
  {
    ReplayWriter writer(Options());
    ASSERT_TRUE(writer.Insert(&message, InAMinute()).ok());
    ASSERT_TRUE(writer.Flush(InAMinute()).ok());
  }
  ReplayWriter writer(Options());
  EXPECT_EQ(writer.WaitForWelcome(InAMinute()).value(), 1U);
  ASSERT_TRUE(writer.Insert(&message, InAMinute()).ok());
  EXPECT_EQ(message.unrolls().sequence(), 2U);
  ASSERT_TRUE(writer.Flush(InAMinute()).ok());
  EXPECT_EQ(info().counters().messages(), 2U);
}

TEST_F(ReplayWriterTest, HasABoundedNumberOfMessagesUnderWay) {
  ServeLimited(kItemsAMessage);
  ReplayWriter writer(Options());
  InsertRequest message = Message();
  // One passes, four wait.
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(writer.Insert(&message, InAMinute()).ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(writer.Insert(&message, Soon())));
  EXPECT_TRUE(absl::IsDeadlineExceeded(writer.Insert(&message, Soon())));
  EXPECT_TRUE(absl::IsDeadlineExceeded(writer.Flush(Soon())));
  EXPECT_GE(writer.counters().wait_current, 0.01);
  std::thread inserting([&] { EXPECT_TRUE(writer.Insert(&message, InAMinute()).ok()); });
  Sample(kItemsAMessage);
  inserting.join();
  EXPECT_EQ(message.unrolls().sequence(), 6U);
  EXPECT_EQ(writer.counters().wait_current, 0);
}

TEST_F(ReplayWriterTest, SendsAgainWhatAServerLacksThatCameBack) {
  ServeLimited(2 * kItemsAMessage);
  ReplayWriter writer(Options());
  InsertRequest message = Message();
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(writer.Insert(&message, InAMinute()).ok());
  ASSERT_TRUE(server_->WaitFor(
      [](const InfoReply& info) { return info.tables(0).insert_wait_current() > 0; }));
  server_->Restart();
  for (int i = 0; i < 4; ++i) {
    Sample(kItemsAMessage);
    ASSERT_TRUE(server_->WaitFor([i](const InfoReply& info) {
      return info.counters().messages() == static_cast<uint64_t>(i) + 3;
    }));
  }
  ASSERT_TRUE(writer.Flush(InAMinute()).ok());
  EXPECT_EQ(info().counters().messages(), 6U);
  EXPECT_EQ(info().tables(0).inserts(), 6 * kItemsAMessage);
  EXPECT_EQ(writer.counters().connections, 2U);
  EXPECT_GE(writer.counters().resent, 1U);
}

TEST_F(ReplayWriterTest, GoesOnWithAServerThatLostEverything) {
  Serve();
  ReplayWriter writer(Options());
  InsertRequest message = Message();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(writer.Insert(&message, InAMinute()).ok());
  ASSERT_TRUE(writer.Flush(InAMinute()).ok());
  server_->Kill();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(writer.Insert(&message, InAMinute()).ok());
  server_->Serve();
  ASSERT_TRUE(writer.Flush(InAMinute()).ok());
  EXPECT_EQ(info().counters().messages(), 3U);
  EXPECT_EQ(writer.counters().acknowledged, 6U);
}

TEST_F(ReplayWriterTest, ReconnectsWithItsNewestEpoch) {
  Serve();
  ReplayWriter writer(Options());
  ASSERT_TRUE(writer.WaitForWelcome(InAMinute()).ok());
  server_->services().SetTable(testing::ReplayMembers(2, testing::kReplayEpoch + 1));
  epoch_ = testing::kReplayEpoch + 1;
  InsertRequest message = Message();
  ASSERT_TRUE(writer.Insert(&message, InAMinute()).ok());
  ASSERT_TRUE(writer.Flush(InAMinute()).ok());
  EXPECT_EQ(info().counters().messages(), 1U);
}

TEST_F(ReplayWriterTest, ARejectedMessageIsNotSentAgain) {
  Serve();
  ReplayWriter writer(Options());
  InsertRequest bad = Message();
  testing::Set(bad.mutable_unrolls(), testing::kRewardLeaf, 0,
               std::numeric_limits<float>::quiet_NaN());
  ASSERT_TRUE(writer.Insert(&bad, InAMinute()).ok());
  InsertRequest good = Message();
  ASSERT_TRUE(writer.Insert(&good, InAMinute()).ok());
  ASSERT_TRUE(writer.Flush(InAMinute()).ok());
  EXPECT_EQ(writer.counters().rejected, 1U);
  EXPECT_EQ(writer.counters().sent, 2U);
  EXPECT_EQ(info().counters().messages(), 1U);
}

// The server dies before anybody has heard that the run is over: its next life has room again.
TEST_F(ReplayWriterTest, WaitsWhereTheBudgetIsSpentForAServerThatLostSome) {
  ReplayServer::Options options;
  options.max_frames = 2 * kItemsAMessage;
  Serve(options);
  ReplayWriter writer(Options());
  InsertRequest message = Message();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(writer.Insert(&message, InAMinute()).ok());
  ASSERT_TRUE(writer.Flush(InAMinute()).ok());
  absl::Status status;
  while (status.ok()) status = writer.Insert(&message, Soon());
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_FALSE(writer.over());
  EXPECT_EQ(info().counters().frames(), options.max_frames);
  const uint64_t connections = writer.counters().connections;

  server_->Restart();  // it lost nothing
  ASSERT_TRUE(server_->WaitFor([&](const InfoReply&) {
    return writer.counters().connections > connections && !writer.Insert(&message, Soon()).ok();
  }));
  server_->Kill();
  server_->Serve();
  EXPECT_TRUE(server_->WaitFor([&](const InfoReply& info) {
    writer.Insert(&message, Soon()).IgnoreError();
    return info.counters().frames() == options.max_frames;
  }));
}

TEST_F(ReplayWriterTest, SaysWhyTheServerWillNeverTakeIt) {
  Serve();
  ReplayWriter writer(Options());
  InsertRequest message = Message();
  message.mutable_items(0)->set_environments(0, 77);
  ASSERT_TRUE(writer.Insert(&message, InAMinute()).ok());
  const absl::Status status = writer.Flush(InAMinute());
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_TRUE(writer.over());
  EXPECT_EQ(writer.Insert(&message, InAMinute()), status);
}

TEST_F(ReplayWriterTest, StopsWhileItWaits) {
  Serve();
  server_->Kill();
  ReplayWriter writer(Options());
  InsertRequest message = Message();
  EXPECT_TRUE(absl::IsDeadlineExceeded(writer.WaitForWelcome(Soon()).status()));
  std::thread stopping([&writer] { writer.Stop(); });
  EXPECT_TRUE(absl::IsCancelled(writer.Insert(&message, InAMinute())));
  stopping.join();
}

TEST_F(ReplayWriterTest, HeartbeatsGoBothWays) {
  ReplayServer::Options options;
  options.limits = {std::chrono::milliseconds(10), std::chrono::milliseconds(400)};
  Serve(options);
  ReplayWriter::Options writing = Options();
  writing.limits = {std::chrono::milliseconds(10), std::chrono::milliseconds(400)};
  ReplayWriter writer(writing);
  ASSERT_TRUE(writer.WaitForWelcome(InAMinute()).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(1000));
  EXPECT_EQ(writer.counters().connections, 1U);
}

}  // namespace
}  // namespace drover
