#include "replay/replay_services.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "proto/replay.grpc.pb.h"
#include "tests/replay/messages.h"
#include "tests/support/replay_server.h"
#include "tests/support/socket.h"
#include "tests/support/stream_client.h"

namespace drover {
namespace {

using testing::InsertOf;
using testing::kItemsAMessage;
using testing::kLearnerMember;
using testing::kReplayEpoch;
using testing::kSteps;
using testing::MakeUnrolls;
using testing::ReplayServer;
using testing::SmallTable;
using testing::StreamClient;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// The unary calls of a server that has kItemsAMessage items.
class ReplayServicesTest : public ::testing::Test {
 protected:
  ReplayServicesTest() {
    ReplayServer::Options options;
    options.tables = {SmallTable("table", SelectorConfig::prioritized),
                      SmallTable("other", SelectorConfig::uniform)};
    server_ = std::make_unique<ReplayServer>(std::move(options));
    server_->Serve();
    const auto channel = MakeChannel(server_->address(), ChannelUse::kControl);
    stub_ = ReplayService::NewStub(channel);
    StreamClient writer(channel, "/drover.ReplayService/Insert");
    writer.Send(testing::ReplayHelloOf<InsertMessage>(1));
    writer.Send(InsertOf(MakeUnrolls(1, 0), "table", {1, 1, 1, 1, 1, 1}));
    while (!writer.Read<InsertAnswer>()->has_ack()) {
    }
    SampledBatch batch(kSteps);
    EXPECT_TRUE(server_->store().table(0).TrySample(100, &batch));
    for (const uint64_t key : batch.keys) {
      if (keys_.empty() || keys_.back() != key) keys_.push_back(key);
    }
    EXPECT_EQ(keys_.size(), kItemsAMessage);
  }

  static UpdateRequest Request(const std::vector<uint64_t>& keys,
                               const std::vector<float>& priorities) {
    UpdateRequest request;
    request.set_run_id("run");
    request.set_member_id(kLearnerMember);
    request.set_epoch(kReplayEpoch);
    request.set_table("table");
    request.mutable_keys()->Add(keys.begin(), keys.end());
    request.mutable_priorities()->Add(priorities.begin(), priorities.end());
    return request;
  }

  absl::StatusOr<UpdateReply> Update(const UpdateRequest& request) {
    return CallUnary(stub_.get(), &ReplayService::Stub::Update, request, std::chrono::seconds(60));
  }
  absl::StatusOr<ConfigureReply> Configure(const ConfigureRequest& request) {
    return CallUnary(stub_.get(), &ReplayService::Stub::Configure, request,
                     std::chrono::seconds(60));
  }
  InfoReply Info() {
    return CallUnary(stub_.get(), &ReplayService::Stub::Info, InfoRequest(),
                     std::chrono::seconds(60))
        .value();
  }

  std::unique_ptr<ReplayServer> server_;
  std::unique_ptr<ReplayService::Stub> stub_;
  std::vector<uint64_t> keys_;
};

TEST_F(ReplayServicesTest, ChangesPrioritiesAndDeletesByKey) {
  UpdateRequest request = Request({keys_[0], keys_[1]}, {8, 2});
  request.add_deletes(keys_[2]);
  UpdateReply reply = Update(request).value();
  EXPECT_EQ(reply.updated(), 2U);
  EXPECT_EQ(reply.deleted(), 1U);
  const InfoReply info = Info();
  EXPECT_EQ(info.tables(0).size(), kItemsAMessage - 1);
  EXPECT_EQ(info.tables(0).largest_priority(), 8);
  EXPECT_EQ(info.tables(0).updates(), 2U);
  EXPECT_EQ(info.tables(0).removed(), 1U);
  EXPECT_EQ(info.tables(1).size(), 0U);
  // Gone, of another shard, and one that was never given.
  request = Request({keys_[2], keys_[0] | uint64_t{7} << 56, 4000}, {1, 1, 1});
  request.add_deletes(keys_[2]);
  reply = Update(request).value();
  EXPECT_EQ(reply.updated(), 0U);
  EXPECT_EQ(reply.stale(), 2U);
  EXPECT_EQ(reply.unknown(), 2U);
  EXPECT_EQ(Info().tables(0).stale_keys(), 2U);
  EXPECT_EQ(Info().tables(0).unknown_keys(), 2U);
}

TEST_F(ReplayServicesTest, RefusesUpdatesThatMakeNoSense) {
  using Code = absl::StatusCode;
  struct {
    const char* name;
    std::function<void(UpdateRequest*)> change;
    Code code;
  } cases[] = {
      {"NaN", [](UpdateRequest* r) { r->set_priorities(1, kNaN); }, Code::kInvalidArgument},
      {"negative", [](UpdateRequest* r) { r->set_priorities(1, -1); }, Code::kInvalidArgument},
      {"too few", [](UpdateRequest* r) { r->mutable_priorities()->RemoveLast(); },
       Code::kInvalidArgument},
      {"table", [](UpdateRequest* r) { r->set_table("x"); }, Code::kNotFound},
      {"an actor", [](UpdateRequest* r) { r->set_member_id(1); }, Code::kNotFound},
      {"a stranger", [](UpdateRequest* r) { r->set_member_id(77); }, Code::kNotFound},
      {"run", [](UpdateRequest* r) { r->set_run_id("x"); }, Code::kFailedPrecondition},
      {"epoch", [](UpdateRequest* r) { r->set_epoch(1); }, Code::kFailedPrecondition},
  };
  uint64_t refused = 0;
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    UpdateRequest request = Request({keys_[0], keys_[1]}, {8, 2});
    request.add_deletes(keys_[2]);
    test.change(&request);
    EXPECT_EQ(Update(request).status().code(), test.code);
    EXPECT_EQ(Info().counters().refused_calls(), ++refused);
  }
  EXPECT_EQ(Info().tables(0).size(), kItemsAMessage);
  EXPECT_EQ(Info().tables(0).updates(), 0U);
  EXPECT_EQ(Info().tables(0).largest_priority(), 1);
}

TEST_F(ReplayServicesTest, MovesTheRateLimiter) {
  ConfigureRequest request;
  request.set_table("other");
  request.set_min_size(5);
  request.set_samples_per_insert(4);
  request.set_max_diff(100);
  EXPECT_TRUE(Configure(request).ok());
  const TableInfo info = Info().tables(1);
  EXPECT_EQ(info.min_size(), 5U);
  EXPECT_EQ(info.samples_per_insert(), 4);
  EXPECT_EQ(info.min_diff(), -RateLimit::kInfinity);
  EXPECT_EQ(info.max_diff(), 100);
  request.Clear();
  request.set_table("other");
  request.set_min_diff(200);  // above max_diff
  EXPECT_EQ(Configure(request).status().code(), absl::StatusCode::kInvalidArgument);
  request.clear_min_diff();
  request.set_min_size(uint64_t{1} << 40);
  EXPECT_EQ(Configure(request).status().code(), absl::StatusCode::kInvalidArgument);
  request.clear_min_size();
  request.set_samples_per_insert(kNaN);
  EXPECT_EQ(Configure(request).status().code(), absl::StatusCode::kInvalidArgument);
  request.set_table("x");
  EXPECT_EQ(Configure(request).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Info().tables(1).min_diff(), -RateLimit::kInfinity);
  EXPECT_EQ(Info().counters().refused_calls(), 4U);
}

TEST_F(ReplayServicesTest, WritesNoCheckpointWhereItKeepsNone) {
  EXPECT_EQ(CallUnary(stub_.get(), &ReplayService::Stub::Checkpoint, CheckpointRequest(),
                      std::chrono::seconds(60))
                .status()
                .code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(ReplayServices, IsUnavailableUntilItIsOpened) {
  const std::string address = NewSocketAddress();
  const auto services = ReplayServices::Start({{address}}).value();
  services->SetTable(testing::ReplayMembers(1));
  const auto channel = MakeChannel(address, ChannelUse::kControl);
  for (const char* method : {"/drover.ReplayService/Insert", "/drover.ReplayService/Sample"}) {
    EXPECT_EQ(StreamClient(channel, method).Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
  const auto stub = ReplayService::NewStub(channel);
  const auto timeout = std::chrono::seconds(60);
  const auto unavailable = absl::StatusCode::kUnavailable;
  EXPECT_EQ(
      CallUnary(stub.get(), &ReplayService::Stub::Update, UpdateRequest(), timeout).status().code(),
      unavailable);
  EXPECT_EQ(
      CallUnary(stub.get(), &ReplayService::Stub::Info, InfoRequest(), timeout).status().code(),
      unavailable);
  EXPECT_EQ(CallUnary(stub.get(), &ReplayService::Stub::Checkpoint, CheckpointRequest(), timeout)
                .status()
                .code(),
            unavailable);
}

// What a config says of a table is refused before there is a server.
TEST(ReplayServices, ATableOfCapacity0IsRefused) {
  ReplayTable config;
  config.set_name("table");
  config.set_capacity(0);
  const auto options = TableOptions::Of(config);
  EXPECT_EQ(options.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(options.status().message().find("capacity"), std::string::npos);
}

}  // namespace
}  // namespace drover
