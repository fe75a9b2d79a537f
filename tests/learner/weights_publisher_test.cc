#include "learner/weights_publisher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client/weights_assembler.h"
#include "common/file.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "tests/learner/peers.h"
#include "tests/support/stream_client.h"

namespace drover {
namespace {

using testing::FirstRequest;
using testing::kEpoch;
using testing::kLayout;
using testing::kReplayServer;
using testing::MembersAt;
using testing::NextRequest;
using testing::StreamClient;

// Parameters of a version: they differ in every byte from version to version.
std::string Parameters(uint64_t version, size_t bytes = 1000) {
  return std::string(bytes, static_cast<char>('a' + version % 26));
}

class WeightsPublisherTest : public ::testing::Test {
 protected:
  ~WeightsPublisherTest() override { server_->Shutdown(std::chrono::milliseconds(0)); }

  void SetUp() override {
    auto server =
        RpcServer::Start({{"unix:" + directory_.path() + "/learner.sock"}}, {&publisher_});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    admission_.Update(MembersAt(1));
  }

  std::unique_ptr<StreamClient> Connect() {
    return std::make_unique<StreamClient>(
        MakeChannel("unix:" + directory_.path() + "/learner.sock", ChannelUse::kBulk),
        "/drover.WeightsService/Subscribe");
  }

  std::unique_ptr<StreamClient> Subscribe(uint64_t member, uint64_t newer_than) {
    auto client = Connect();
    client->Send(FirstRequest(member, newer_than));
    return client;
  }

  // The next whole version, checked as clients do; nothing if the stream is over.
  static std::optional<WeightSet> Receive(StreamClient* client) {
    WeightsAssembler assembler({kLayout, 0});
    for (;;) {
      auto chunk = client->Read<WeightsChunk>();
      if (!chunk) return std::nullopt;
      if (!chunk->has_header() && chunk->data().empty()) continue;  // a heartbeat
      EXPECT_LE(chunk->data().size(), size_t{1} << 20);
      const auto whole = assembler.Add(&*chunk);
      EXPECT_TRUE(whole.ok()) << whole.status();
      if (!whole.ok()) return std::nullopt;
      if (*whole) return std::move(assembler.set());
    }
  }

  bool Wanted() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!publisher_.Wanted() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    return publisher_.Wanted();
  }

  // Lets time go on, `ahead` of the clock, until `over`; on a thread of its own.
  std::thread Ticking(std::chrono::milliseconds ahead, const std::atomic<bool>* over) {
    return std::thread([this, ahead, over] {
      while (!*over) {
        publisher_.Tick(WeightsPublisher::Clock::now() + ahead);
        std::this_thread::yield();
      }
    });
  }

  const TempDirectory directory_ = *TempDirectory::Make();
  Admission admission_{{Role::actor, Role::evaluator}};
  WeightsPublisher publisher_{&admission_};
  std::unique_ptr<RpcServer> server_;
};

TEST_F(WeightsPublisherTest, RefusesUntilItIsOpen) {
  EXPECT_EQ(Connect()->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(WeightsPublisherTest, SendsAVersionToWhoWaitsForIt) {
  publisher_.Open(kLayout);
  EXPECT_FALSE(publisher_.Wanted());
  auto client = Subscribe(1, 3);
  ASSERT_TRUE(Wanted());
  publisher_.Publish({4, 100, 90}, Parameters(4));
  const auto set = Receive(client.get());
  ASSERT_TRUE(set);
  EXPECT_EQ(set->data, Parameters(4));
  EXPECT_EQ(set->header.version(), 4U);
  EXPECT_EQ(set->header.frames(), 100U);
  EXPECT_EQ(set->header.trained_frames(), 90U);
  EXPECT_FALSE(publisher_.Wanted());  // it has not asked again
  client->SendNoMore();
  EXPECT_TRUE(client->Finish().ok());
}

TEST_F(WeightsPublisherTest, ASlowSubscriberSkipsVersions) {
  publisher_.Open(kLayout);
  for (uint64_t version = 1; version <= 5; ++version) {
    publisher_.Publish({version, 0, 0}, Parameters(version));
  }
  publisher_.Publish({4, 0, 0}, Parameters(9));  // versions do not go back
  auto client = Subscribe(2, 1);
  EXPECT_EQ(Receive(client.get())->data, Parameters(5));
  client->Send(NextRequest(5));
  ASSERT_TRUE(Wanted());
  publisher_.Publish({6, 0, 0}, Parameters(6));
  EXPECT_EQ(Receive(client.get())->data, Parameters(6));
}

TEST_F(WeightsPublisherTest, LargeVersionsGoInChunks) {
  publisher_.Open(kLayout);
  auto client = Subscribe(1, 0);
  const size_t bytes = (size_t{3} << 20) + 4;
  publisher_.Publish({1, 0, 0}, Parameters(1, bytes));
  EXPECT_EQ(Receive(client.get())->data, Parameters(1, bytes));
  client->Send(NextRequest(1));
  publisher_.Publish({2, 0, 0}, Parameters(2, size_t{2} << 20));  // whole chunks
  EXPECT_EQ(Receive(client.get())->data, Parameters(2, size_t{2} << 20));
}

TEST_F(WeightsPublisherTest, EncodesAVersionOnceForAll) {
  publisher_.Open(kLayout);
  constexpr uint64_t kVersions = 50;
  constexpr uint64_t kSubscribers = 16;
  std::atomic<uint64_t> finished{0};
  std::vector<std::thread> threads;
  for (uint64_t member = 1; member <= kSubscribers; ++member) {
    threads.emplace_back([&, member] {
      auto client = Subscribe(member, 0);
      uint64_t version = 0;
      while (version < kVersions) {
        const auto set = Receive(client.get());
        ASSERT_TRUE(set);
        ASSERT_GT(set->header.version(), version);
        version = set->header.version();
        ASSERT_EQ(set->data, Parameters(version, 100000));
        client->Send(NextRequest(version));
      }
      ++finished;
      if (member % 2 == 0) client->Cancel();
      client->SendNoMore();
      client->Finish();
    });
  }
  std::atomic<bool> over{false};
  std::thread ticking = Ticking(std::chrono::milliseconds(0), &over);
  uint64_t published = 0;
  for (uint64_t version = 1; version <= kVersions; ++version) {
    // As the learner does: what nobody waits for is not encoded. The last one always is.
    for (int i = 0; i < 100 && !publisher_.Wanted(); ++i) std::this_thread::yield();
    if (!publisher_.Wanted() && version < kVersions) continue;
    publisher_.Publish({version, 0, 0}, Parameters(version, 100000));
    publisher_.Publish({version, 0, 0}, Parameters(version, 100000));
    ++published;
  }
  for (std::thread& thread : threads) thread.join();
  over = true;
  ticking.join();
  EXPECT_EQ(finished, kSubscribers);
  EXPECT_EQ(publisher_.counters().encodings, published);
  EXPECT_GE(publisher_.counters().sent, kSubscribers);
  EXPECT_EQ(publisher_.counters().refused_streams, 0U);
}

TEST_F(WeightsPublisherTest, HeartbeatsAndSilence) {
  publisher_.Open(kLayout);
  auto client = Subscribe(1, 0);
  ASSERT_TRUE(Wanted());
  std::atomic<bool> heard{false};
  std::thread ticking = Ticking(StreamLimits{}.heartbeat, &heard);
  const auto beat = client->Read<WeightsChunk>();
  heard = true;
  ticking.join();
  ASSERT_TRUE(beat);
  EXPECT_EQ(beat->ByteSizeLong(), 0U);
  client->Send(WeightsRequest());  // a heartbeat
  publisher_.Publish({1, 0, 0}, Parameters(1));
  EXPECT_EQ(Receive(client.get())->data, Parameters(1));

  // Once: again so late, and what is closed but has not ended would be cancelled.
  publisher_.Tick(WeightsPublisher::Clock::now() + StreamLimits{}.silence +
                  std::chrono::seconds(1));
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

// ---- Clients that do not keep to the protocol.

struct Wrong {
  std::string name;
  std::vector<std::string> messages;  // in this order; the last one is wrong
  grpc::StatusCode code;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class WrongSubscriber : public WeightsPublisherTest, public ::testing::WithParamInterface<Wrong> {};

TEST_P(WrongSubscriber, IsRefusedAndOthersGoOn) {
  publisher_.Open(kLayout);
  auto good = Subscribe(1, 0);
  ASSERT_TRUE(Wanted());
  auto wrong = Connect();
  for (const std::string& message : GetParam().messages) wrong->SendBytes(message);
  const grpc::Status status = wrong->Finish();
  EXPECT_EQ(status.error_code(), GetParam().code) << status.error_message();
  EXPECT_FALSE(status.error_message().empty());
  EXPECT_EQ(publisher_.counters().refused_streams, 1U);
  publisher_.Publish({1, 0, 0}, Parameters(1));
  EXPECT_EQ(Receive(good.get())->data, Parameters(1));
}

std::string FirstWith(const std::function<void(WeightsRequest*)>& change) {
  WeightsRequest request = FirstRequest(2, 0);
  change(&request);
  return request.SerializeAsString();
}

const Wrong kWrongs[] = {
    {"garbage", {"\xff\xff"}, grpc::StatusCode::INVALID_ARGUMENT},
    {"garbage_later",
     {FirstRequest(2, 0).SerializeAsString(), "\xff\xff"},
     grpc::StatusCode::INVALID_ARGUMENT},
    {"huge", {std::string(5000, 'x')}, grpc::StatusCode::RESOURCE_EXHAUSTED},
    {"huge_later",
     {FirstRequest(2, 0).SerializeAsString(), std::string(5000, 'x')},
     grpc::StatusCode::RESOURCE_EXHAUSTED},
    {"nameless", {""}, grpc::StatusCode::FAILED_PRECONDITION},
    {"another_run",
     {FirstWith([](auto* r) { r->set_run_id("other"); })},
     grpc::StatusCode::FAILED_PRECONDITION},
    {"unknown_member",
     {FirstWith([](auto* r) { r->set_member_id(77); })},
     grpc::StatusCode::NOT_FOUND},
    {"no_role_for_it",
     {FirstWith([](auto* r) { r->set_member_id(kReplayServer); })},
     grpc::StatusCode::NOT_FOUND},
    {"old_epoch",
     {FirstWith([](auto* r) { r->set_epoch(kEpoch - 1); })},
     grpc::StatusCode::FAILED_PRECONDITION},
    {"epoch_never_granted",
     {FirstWith([](auto* r) { r->set_epoch(kEpoch + 1); })},
     grpc::StatusCode::NOT_FOUND},
    {"another_layout",
     {FirstWith([](auto* r) { r->set_layout_hash(6); })},
     grpc::StatusCode::FAILED_PRECONDITION},
};

INSTANTIATE_TEST_SUITE_P(WeightsPublisher, WrongSubscriber, ::testing::ValuesIn(kWrongs),
                         [](const auto& info) { return info.param.name; });

TEST_F(WeightsPublisherTest, ANewStreamOfAMemberReplacesItsOld) {
  publisher_.Open(kLayout);
  auto before = Subscribe(1, 0);
  ASSERT_TRUE(Wanted());
  auto after = Subscribe(1, 0);
  EXPECT_EQ(before->Finish().error_code(), grpc::StatusCode::ABORTED);
  publisher_.Publish({1, 0, 0}, Parameters(1));
  EXPECT_EQ(Receive(after.get())->data, Parameters(1));
  EXPECT_EQ(publisher_.counters().streams, 1U);
  EXPECT_EQ(publisher_.counters().refused_streams, 0U);
}

TEST_F(WeightsPublisherTest, FencedSubscribersAreClosed) {
  publisher_.Open(kLayout);
  auto client = Subscribe(1, 0);
  ASSERT_TRUE(Wanted());
  admission_.Update(MembersAt(2, kEpoch + 1));
  publisher_.Tick(WeightsPublisher::Clock::now());
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_FALSE(publisher_.Wanted());
}

TEST_F(WeightsPublisherTest, CloseEndsAllStreams) {
  publisher_.Open(kLayout);
  auto client = Subscribe(1, 0);
  ASSERT_TRUE(Wanted());
  publisher_.Close();
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

// A subscriber that does not read keeps at most one version in memory, and is closed in the end.
TEST_F(WeightsPublisherTest, OneThatDoesNotReadHoldsUpNobody) {
  publisher_.Open(kLayout);
  auto stuck = Subscribe(1, 0);
  auto good = Subscribe(2, 0);
  ASSERT_TRUE(Wanted());
  const size_t bytes = size_t{8} << 20;  // more than its connection takes in
  for (uint64_t version = 1; version <= 3; ++version) {
    publisher_.Publish({version, 0, 0}, Parameters(version, bytes));
    EXPECT_EQ(Receive(good.get())->header.version(), version);
    good->Send(NextRequest(version));
    ASSERT_TRUE(Wanted());
  }
  std::atomic<bool> over{false};
  std::thread ticking = Ticking(2 * StreamLimits{}.silence + std::chrono::seconds(1), &over);
  // Both are silent by that clock; the stuck one cannot be told and is cancelled.
  good->Finish();
  while (publisher_.counters().streams > 0) std::this_thread::yield();
  stuck->Finish();
  over = true;
  ticking.join();
}

}  // namespace
}  // namespace drover
