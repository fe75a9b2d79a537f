#include "replay/sample_service.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/rpc/channel.h"
#include "tests/replay/messages.h"
#include "tests/support/replay_server.h"
#include "tests/support/stream_client.h"

namespace drover {
namespace {

using testing::InsertOf;
using testing::kItemsAMessage;
using testing::kLearnerMember;
using testing::kReplayEpoch;
using testing::kSteps;
using testing::MakeUnrolls;
using testing::ReplayHelloOf;
using testing::ReplayMembers;
using testing::ReplayServer;
using testing::RequestOf;
using testing::SmallTable;
using testing::StreamClient;

ReplayServer::Options WithTable(SelectorConfig::Kind sampler) {
  ReplayServer::Options options;
  options.tables = {SmallTable("table", sampler)};
  return options;
}

// A queue: what came first is sampled first, once.
ReplayServer::Options WithQueue() {
  ReplayServer::Options options = WithTable(SelectorConfig::fifo);
  options.tables[0].max_times_sampled = 1;
  return options;
}

class SampleServiceTest : public ::testing::Test {
 protected:
  void Serve(ReplayServer::Options options) {
    server_ = std::make_unique<ReplayServer>(std::move(options));
    server_->Serve();
  }

  std::unique_ptr<StreamClient> Connect(const char* method = "/drover.ReplayService/Sample") {
    return std::make_unique<StreamClient>(MakeChannel(server_->address(), ChannelUse::kBulk),
                                          method);
  }

  std::unique_ptr<StreamClient> Join(uint64_t episodes = 0) {
    auto client = Connect();
    SampleMessage hello = ReplayHelloOf<SampleMessage>(kLearnerMember);
    hello.mutable_hello()->set_episodes(episodes);
    client->Send(hello);
    const auto answer = client->Read<SampleAnswer>();
    EXPECT_TRUE(answer && answer->has_welcome());
    if (answer) welcome_ = answer->welcome();
    return client;
  }

  void Insert(const InsertMessage& message) {
    if (writer_ == nullptr) {
      writer_ = Connect("/drover.ReplayService/Insert");
      writer_->Send(ReplayHelloOf<InsertMessage>(1));
      ASSERT_TRUE(writer_->Read<InsertAnswer>()->has_welcome());
    }
    ASSERT_TRUE(writer_->Send(message));
    ASSERT_TRUE(writer_->Read<InsertAnswer>()->has_ack());
  }

  // The next batch; progress between is skipped.
  static SampleAnswer Read(StreamClient* client) {
    while (auto answer = client->Read<SampleAnswer>()) {
      if (answer->has_batch()) return *answer;
    }
    return {};
  }

  InfoReply info() { return server_->services().info(); }

  std::unique_ptr<ReplayServer> server_;
  std::unique_ptr<StreamClient> writer_;
  SampleWelcome welcome_;
};

TEST_F(SampleServiceTest, SendsTheStepsOfWhatItDrew) {
  ReplayServer::Options options = WithQueue();
  options.shard = 3;
  Serve(options);
  Unrolls unrolls = MakeUnrolls(1, 8, /*base=*/100);
  testing::Truncate(&unrolls, 1, 0, 55, 7.5);
  Insert(InsertOf(unrolls, "table", {1, 2, 3, 4, 5, 6}));
  auto client = Join();
  EXPECT_EQ(welcome_.shard(), 3U);
  client->Send(RequestOf(4, 1, 42));
  const SampleAnswer answer = Read(client.get());
  const SampleBatch& batch = answer.batch();
  EXPECT_EQ(batch.tag(), 42U);
  // By step, then environment: steps 0 and 1 of both.
  ASSERT_EQ(answer.columns_size(), 6);
  EXPECT_EQ(answer.columns(testing::kRewardLeaf), testing::ToBytes<float>({100, 110, 101, 111}));
  EXPECT_EQ(answer.columns(testing::kObservationLeaf),
            testing::ToBytes<float>({100, -100, 110, -110, 101, -101, 111, -111,  // what they saw
                                     101, -101, 111, -111, 102, -102, 112, -112}));
  EXPECT_EQ(answer.columns(testing::kEndLeaf), (std::string{0, 0, 2, 0}));
  EXPECT_EQ(answer.columns(testing::kFinalLeaf), testing::ToBytes<float>({55, -55}));
  ASSERT_EQ(batch.finals_size(), 1);
  EXPECT_EQ(batch.finals(0).step(), 0U);
  EXPECT_EQ(batch.finals(0).environment(), 2U);
  ASSERT_EQ(batch.keys_size(), 4);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(batch.keys(i) >> 56, 3U);
    EXPECT_EQ(batch.priorities(i), static_cast<float>(i + 1));
    EXPECT_EQ(batch.times_sampled(i), 1U);
    EXPECT_EQ(batch.versions(i), 8U);
    EXPECT_EQ(batch.probabilities(i), 1);
  }
  EXPECT_EQ(batch.table().size(), kItemsAMessage);
  EXPECT_EQ(batch.progress().frames(), kItemsAMessage);
}

TEST_F(SampleServiceTest, AnswersAsManyBatchesAsWereAskedFor) {
  Serve(WithTable(SelectorConfig::prioritized));
  Insert(InsertOf(MakeUnrolls(1, 0), "table", {0, 0, 0, 1, 0, 0}));
  auto client = Join();
  client->Send(RequestOf(2, 3, 1));
  client->Send(RequestOf(5, 1, 2));
  for (const uint64_t tag : {1, 1, 1, 2}) {
    const SampleAnswer answer = Read(client.get());
    EXPECT_EQ(answer.batch().tag(), tag);
    EXPECT_EQ(answer.batch().keys_size(), tag == 1 ? 2 : 5);
    EXPECT_NEAR(answer.batch().probabilities(0), 1, 1e-12);
    EXPECT_NEAR(answer.batch().table().mass(), 1, 1e-12);
  }
  EXPECT_EQ(info().tables(0).samples(), 11U);
}

TEST_F(SampleServiceTest, WaitsForTheLimiterAndThenAnswers) {
  ReplayServer::Options options = WithTable(SelectorConfig::uniform);
  options.tables[0].rate_limit.min_size = 2 * kItemsAMessage;
  Serve(options);
  auto client = Join();
  EXPECT_FALSE(welcome_.progress().tables(0).ready());
  client->Send(RequestOf(4));
  Insert(InsertOf(MakeUnrolls(1, 0)));
  ASSERT_TRUE(server_->WaitFor(
      [](const InfoReply& info) { return info.tables(0).sample_wait_current() > 0; }));
  Insert(InsertOf(MakeUnrolls(2, 0)));
  EXPECT_EQ(Read(client.get()).batch().keys_size(), 4);
  EXPECT_EQ(info().tables(0).sample_wait_current(), 0);
}

TEST_F(SampleServiceTest, WhoWaitsAndGoesLeavesNothingBehind) {
  Serve(WithTable(SelectorConfig::uniform));
  auto client = Join();
  client->Send(RequestOf(4));
  ASSERT_TRUE(server_->WaitFor(
      [](const InfoReply& info) { return info.tables(0).sample_wait_current() > 0; }));
  client->Cancel();
  client.reset();
  ASSERT_TRUE(server_->WaitFor([](const InfoReply& info) {
    return info.tables(0).sample_wait_current() == 0 && info.counters().samplers() == 0;
  }));
  Insert(InsertOf(MakeUnrolls(1, 0)));
  EXPECT_EQ(info().tables(0).samples(), 0U);
}

TEST_F(SampleServiceTest, TellsHowItGetsOn) {
  Serve(WithTable(SelectorConfig::uniform));
  auto client = Join();
  Unrolls unrolls = MakeUnrolls(1, 0);
  testing::Terminate(&unrolls, 1, 0, 7.5);
  Insert(InsertOf(unrolls));
  std::optional<SampleAnswer> answer;
  do {
    answer = client->Read<SampleAnswer>();
    ASSERT_TRUE(answer && answer->has_progress());
  } while (answer->progress().frames() == 0);
  ASSERT_EQ(answer->progress().episodes_size(), 1);
  EXPECT_EQ(answer->progress().episodes(0).return_(), 7.5);
  EXPECT_EQ(answer->progress().episodes(0).length(), 2U);
  EXPECT_EQ(answer->progress().episodes_total(), 1U);
  ASSERT_EQ(answer->progress().tables_size(), 1);
  EXPECT_EQ(answer->progress().tables(0).name(), "table");
  EXPECT_EQ(answer->progress().tables(0).size(), kItemsAMessage);
  EXPECT_EQ(answer->progress().tables(0).mass(), static_cast<double>(kItemsAMessage));
  EXPECT_TRUE(answer->progress().tables(0).ready());
  // Once, also on another stream.
  client->Send(RequestOf(1));
  EXPECT_EQ(Read(client.get()).batch().progress().episodes_size(), 0);
  Join(1);
  EXPECT_EQ(welcome_.progress().episodes_size(), 0);
  Join(0);
  EXPECT_EQ(welcome_.progress().episodes_size(), 1);
}

// While no inserts come: only a person moves the limit.
TEST_F(SampleServiceTest, TellsAtOnceThatATableBecameReady) {
  ReplayServer::Options options = WithTable(SelectorConfig::uniform);
  options.tables[0].rate_limit.min_size = 100;
  options.limits = {std::chrono::minutes(2), std::chrono::minutes(4)};  // no heartbeat in between
  Serve(options);
  Insert(InsertOf(MakeUnrolls(1, 0)));
  auto client = Join();
  EXPECT_FALSE(welcome_.progress().tables(0).ready());
  ASSERT_TRUE(server_->store().table(0).Configure({}).ok());
  const auto answer = client->Read<SampleAnswer>();
  ASSERT_TRUE(answer && answer->has_progress());
  EXPECT_TRUE(answer->progress().tables(0).ready());
}

// A message that does not fit any more brings no frames, but the end.
TEST_F(SampleServiceTest, TellsAtOnceThatTheBudgetIsSpent) {
  ReplayServer::Options options = WithTable(SelectorConfig::uniform);
  options.max_frames = kItemsAMessage - 1;
  options.limits = {std::chrono::minutes(2), std::chrono::minutes(4)};
  Serve(options);
  auto client = Join();
  EXPECT_FALSE(welcome_.progress().drained());
  writer_ = Connect("/drover.ReplayService/Insert");
  writer_->Send(ReplayHelloOf<InsertMessage>(1));
  writer_->Send(InsertOf(MakeUnrolls(1, 0)));
  const auto answer = client->Read<SampleAnswer>();
  ASSERT_TRUE(answer && answer->has_progress());
  EXPECT_TRUE(answer->progress().drained());
}

TEST_F(SampleServiceTest, ALearnerThatDoesNotReadCostsOneBatch) {
  ReplayServer::Options options = WithTable(SelectorConfig::uniform);
  Serve(options);
  Insert(InsertOf(MakeUnrolls(1, 0)));
  auto client = Join();
  constexpr uint32_t kBatch = 50'000;
  client->Send(RequestOf(kBatch, 6));
  ASSERT_TRUE(
      server_->WaitFor([](const InfoReply& info) { return info.tables(0).samples() >= kBatch; }));
  // Batches of several megabytes: the connection holds the first, or some of it.
  const uint64_t samples = info().tables(0).samples();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LE(info().tables(0).samples(), samples + kBatch);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Read(client.get()).batch().keys_size(), kBatch);
}

TEST_F(SampleServiceTest, ClosesWhoFallsSilent) {
  ReplayServer::Options options = WithTable(SelectorConfig::uniform);
  options.limits = {std::chrono::milliseconds(1000), std::chrono::seconds(1)};
  Serve(options);
  EXPECT_EQ(Join()->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(SampleServiceTest, FencesAnOldEpoch) {
  Serve(WithTable(SelectorConfig::uniform));
  auto client = Join();
  server_->services().SetTable(ReplayMembers(2, kReplayEpoch + 1));
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(SampleServiceTest, RefusesWhoMayNotSample) {
  Serve(WithTable(SelectorConfig::uniform));
  struct {
    std::function<void(ReplayHello*)> change;
    grpc::StatusCode code;
  } cases[] = {
      {[](ReplayHello* h) { h->set_member_id(1); }, grpc::StatusCode::NOT_FOUND},
      {[](ReplayHello* h) { h->set_member_id(testing::kEvaluatorMember); },
       grpc::StatusCode::NOT_FOUND},
      {[](ReplayHello* h) { h->set_run_id("other"); }, grpc::StatusCode::FAILED_PRECONDITION},
      {[](ReplayHello* h) { h->set_epoch(1); }, grpc::StatusCode::FAILED_PRECONDITION},
      {[](ReplayHello* h) { h->set_spec_hash(1); }, grpc::StatusCode::FAILED_PRECONDITION},
  };
  uint64_t refused = 0;
  for (const auto& test : cases) {
    SCOPED_TRACE(++refused);
    SampleMessage hello = ReplayHelloOf<SampleMessage>(kLearnerMember);
    test.change(hello.mutable_hello());
    auto client = Connect();
    client->Send(hello);
    EXPECT_EQ(client->Finish().error_code(), test.code);
    EXPECT_EQ(info().counters().refused_streams(), refused);
  }
}

TEST_F(SampleServiceTest, RefusesWhatMakesNoSense) {
  Serve(WithTable(SelectorConfig::uniform));
  Insert(InsertOf(MakeUnrolls(1, 0)));
  struct {
    const char* name;
    SampleMessage message;
    grpc::StatusCode code = grpc::StatusCode::INVALID_ARGUMENT;
  } cases[] = {
      {"empty", {}},
      {"a second Hello", ReplayHelloOf<SampleMessage>(kLearnerMember)},
      {"a wrong table", RequestOf(1, 1, 0, "x")},
      {"a batch of 0", RequestOf(0)},
      {"a batch larger than any", RequestOf(1 << 24)},
      {"no batches", RequestOf(1, 0)},
      {"more batches than it takes", RequestOf(1, 1025), grpc::StatusCode::RESOURCE_EXHAUSTED},
      {"an oversized request", RequestOf(1, 1, 0, std::string(5000, 'x')),
       grpc::StatusCode::RESOURCE_EXHAUSTED},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    auto client = Join();
    client->Send(test.message);
    EXPECT_EQ(client->Finish().error_code(), test.code);
  }
  auto client = Connect();
  client->SendBytes("\xff\xff");
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(info().tables(0).samples(), 0U);
  EXPECT_EQ(info().counters().refused_streams(), std::size(cases) + 1);
}

}  // namespace
}  // namespace drover
