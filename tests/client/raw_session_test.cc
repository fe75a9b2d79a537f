#include "client/raw_session.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <thread>

#include "common/rpc/wire.h"
#include "tests/replay/messages.h"
#include "tests/support/replay_server.h"

namespace drover {
namespace {

using testing::InsertOf;
using testing::MakeUnrolls;

class RawSessionTest : public ::testing::Test {
 protected:
  RawSessionTest() { server_.Serve(); }
  ~RawSessionTest() override {
    session_.Cancel();
    if (serving_.joinable()) serving_.join();
  }

  static grpc::ByteBuffer Heartbeat() {
    InsertMessage message;
    message.mutable_heartbeat();
    return EncodeMessage(message);
  }

  // Serves a connection on a thread, and waits for Welcome.
  void Connect() {
    if (serving_.joinable()) serving_.join();
    answers_ = 0;
    serving_ = std::thread([this] {
      InsertMessage hello;
      *hello.mutable_hello() = HelloOf(testing::ReplayIdentity(1), testing::kReplaySpecHash);
      hello.mutable_hello()->set_environments(testing::kEnvironments);
      status_ = session_.Serve(server_.endpoint(), EncodeMessage(hello), [this](auto* bytes) {
        InsertAnswer answer;
        EXPECT_TRUE(DecodeMessage(bytes, &answer));
        ++answers_;
        return answer.has_rejected() ? absl::DataLossError("rejected") : absl::OkStatus();
      });
    });
    while (answers_ == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  testing::ReplayServer server_;
  RawSession session_{"/drover.ReplayService/Insert",
                      Heartbeat(),
                      {std::chrono::seconds(2), std::chrono::minutes(1)}};
  std::atomic<int> answers_{0};
  absl::Status status_;
  std::thread serving_;
};

TEST_F(RawSessionTest, WritesOnTheConnectionThatIsMeant) {
  Connect();
  EXPECT_EQ(session_.connection(), 1U);
  session_.Write(1, EncodeMessage(InsertOf(MakeUnrolls(1, 0))));
  ASSERT_TRUE(
      server_.WaitFor([](const InfoReply& info) { return info.counters().messages() == 1; }));
  server_.Restart();
  Connect();
  EXPECT_EQ(session_.connection(), 2U);
  session_.Write(1, EncodeMessage(InsertOf(MakeUnrolls(2, 0))));  // lost, with its connection
  session_.Write(2, EncodeMessage(InsertOf(MakeUnrolls(3, 0))));
  ASSERT_TRUE(
      server_.WaitFor([](const InfoReply& info) { return info.counters().messages() == 2; }));
  EXPECT_EQ(server_.store().Greet(1, testing::kReplayEpoch).last_sequence, 3U);
}

TEST_F(RawSessionTest, EndsWithTheFirstErrorOfItsOwner) {
  Connect();
  Unrolls bad = MakeUnrolls(1, 0);
  testing::Set(&bad, testing::kRewardLeaf, 0, std::numeric_limits<float>::infinity());
  session_.Write(1, EncodeMessage(InsertOf(bad)));
  serving_.join();
  EXPECT_TRUE(absl::IsDataLoss(status_)) << status_;
}

TEST_F(RawSessionTest, IsDoneOnceItIsCancelled) {
  Connect();
  session_.Cancel();
  serving_.join();
  EXPECT_TRUE(status_.ok()) << status_;
  EXPECT_TRUE(
      session_.Serve(server_.endpoint(), Heartbeat(), [](auto*) { return absl::OkStatus(); }).ok());
}

}  // namespace
}  // namespace drover
