// A run beside clients that speak to it wrongly, over and over: each gets its status, nothing dies,
// and training goes on.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/text_proto.h"
#include "coordinator/coordinator_main.h"
#include "deploy/coordinator_client.h"
#include "proto/trajectory.pb.h"
#include "proto/weights.pb.h"
#include "tests/support/cluster.h"
#include "tests/support/stream_client.h"

namespace drover {
namespace {

using testing::StreamClient;

class WrongClientTest : public ClusterTest {
 protected:
  // Waits for the learner and learns where it is.
  void FindRun() {
    ASSERT_TRUE(WaitFor([&] { return Members("actor").size() == 2; }));
    auto client = CoordinatorClient::OfRun(run_dir());
    ASSERT_TRUE(client.ok()) << client.status();
    const auto status = client->Status();
    ASSERT_TRUE(status.ok()) << status.status();
    run_ = *status;
    ASSERT_TRUE(ReadTextProto(Path(kAddressFile), &coordinator_).ok());
    for (const MemberStatus& member : run_.members()) {
      if (member.member().role() == Role::learner) learner_ = member.member();
      if (member.member().role() == Role::actor) actor_ = member.member();
    }
    ASSERT_GT(learner_.endpoint().addresses_size(), 0);
  }

  // The status of a stream to the learner that sends these bytes.
  grpc::StatusCode Say(const char* method, const std::vector<std::string>& messages) const {
    const auto channel = MakeChannel(learner_.endpoint(), ChannelUse::kBulk);
    EXPECT_TRUE(channel.ok()) << channel.status();
    StreamClient client(*channel, method);
    for (const std::string& message : messages) client.SendBytes(message);
    return client.Finish().error_code();
  }

  // An actor with another idea of the spec.
  static std::string OtherHello() {
    ActorMessage message;
    message.mutable_hello()->set_spec_hash(1);
    return message.SerializeAsString();
  }

  // `Request` with an old epoch of an actor: what a process says that was stopped for too long.
  template <typename Request>
  Request Stale() const {
    Request request;
    request.set_member_id(actor_.member_id());
    request.set_epoch(actor_.epoch() - 1);
    return request;
  }

  std::string StaleSubscription() const {
    auto request = Stale<WeightsRequest>();
    request.set_run_id(run_.run_id());
    return request.SerializeAsString();
  }

  template <typename Request, typename Reply>
  absl::StatusCode Call(grpc::Status (Coordinator::Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Reply*),
                        const Request& request) const {
    const auto stub = Coordinator::NewStub(*MakeChannel(coordinator_, ChannelUse::kBulk));
    return CallUnary(stub.get(), method, request, kTestLimit).status().code();
  }

  // How the run stands once it has gone on for so long, by its own clock.
  nlohmann::json StatusAfter(const nlohmann::json& before, double seconds) const {
    nlohmann::json after;
    EXPECT_TRUE(WaitFor([&] {
      after = Status();
      return after.is_object() && after["seconds"] >= before["seconds"].get<double>() + seconds;
    }));
    return after;
  }

  static double FramesPerSecond(const nlohmann::json& before, const nlohmann::json& after) {
    return (after["frames"].get<double>() - before["frames"].get<double>()) /
           (after["seconds"].get<double>() - before["seconds"].get<double>());
  }

  // One of each, at the learner and the coordinator; how many streams the learner refused.
  uint64_t SpeakWrongly() const {
    using grpc::StatusCode;
    const char* const experience = "/drover.TrajectoryService/Stream";
    const char* const weights = "/drover.WeightsService/Subscribe";
    EXPECT_EQ(Say(experience, {"\xff\xff"}), StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(Say(experience, {std::string(100000, 'x')}), StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(Say(experience, {OtherHello()}), StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(Say(weights, {"\xff\xff"}), StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(Say(weights, {std::string(5000, 'x')}), StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(Say(weights, {StaleSubscription()}), StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(Say("/drover.TrajectoryService/Nothing", {"\x01"}), StatusCode::UNIMPLEMENTED);

    EXPECT_EQ(Call(&Coordinator::Stub::Renew, Stale<RenewRequest>()),
              absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Call(&Coordinator::Stub::Leave, Stale<LeaveRequest>()),
              absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Call(&Coordinator::Stub::Renew, RenewRequest()), absl::StatusCode::kNotFound);
    EXPECT_EQ(Call(&Coordinator::Stub::Register, RegisterRequest()),
              absl::StatusCode::kInvalidArgument);
    RegisterRequest second;  // there is one
    second.set_role(Role::learner);
    EXPECT_EQ(Call(&Coordinator::Stub::Register, second), absl::StatusCode::kAlreadyExists);
    return 6;
  }

  Endpoint coordinator_;
  StatusReply run_;
  Member learner_;
  Member actor_;
};

TEST_F(WrongClientTest, TheRunGoesOn) {
  Program train(Train(kManyFrames, {"--set", "environment_options.step_seconds=0"}));
  WaitForFrames();
  FindRun();
  const nlohmann::json start = Status();
  const nlohmann::json before = StatusAfter(start, 1);

  constexpr int kThreads = 4;
  std::atomic<bool> enough{false};
  std::atomic<uint64_t> refused{0};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      while (!enough) {
        refused += SpeakWrongly();
        // Cores are shared with the run; that is not what is measured.
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    });
  }
  const nlohmann::json meanwhile = StatusAfter(before, 2);
  enough = true;
  for (std::thread& thread : threads) thread.join();
  // The margin is for what else the machine does.
  EXPECT_GT(FramesPerSecond(before, meanwhile), FramesPerSecond(start, before) / 4);

  ASSERT_TRUE(WaitFor([&] {
    const nlohmann::json status = Status();
    return status.is_object() && status["refused_streams"] >= refused.load();
  })) << Status();
  const nlohmann::json after = Status();
  EXPECT_EQ(after["refused_streams"], refused.load());
  EXPECT_GT(after["version"], before["version"]);
  WaitForFrames(after["frames"]);
  // The same processes as before, with the same epochs.
  ASSERT_EQ(after["members"].size(), before["members"].size());
  for (size_t i = 0; i < after["members"].size(); ++i) {
    EXPECT_EQ(after["members"][i]["pid"], before["members"][i]["pid"]);
    EXPECT_EQ(after["members"][i]["epoch"], before["members"][i]["epoch"]);
  }
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok());
  EXPECT_EQ(train.Stderr().find("died"), std::string::npos) << train.Stderr();
}

}  // namespace
}  // namespace drover
