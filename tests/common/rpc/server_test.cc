#include "common/rpc/server.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "common/file.h"
#include "common/rpc/address.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/rpc/limits.h"
#include "gtest/gtest.h"
#include "proto/coordinator.grpc.pb.h"

namespace drover {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLimit{60000};

constexpr size_t kReason = 100;

// Answers Stop with the start of its reason; never answers Leave.
class Echo : public Coordinator::CallbackService {
 public:
  grpc::ServerUnaryReactor* Stop(grpc::CallbackServerContext* context, const StopRequest* request,
                                 StopReply* /*reply*/) override {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(
        grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, request->reason().substr(0, kReason)));
    return reactor;
  }
  grpc::ServerUnaryReactor* Status(grpc::CallbackServerContext* context, const StatusRequest*,
                                   StatusReply* reply) override {
    reply->set_run_dir(std::string(reply_bytes, 'x'));
    reply->set_run_id(context->peer());
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerUnaryReactor* Leave(grpc::CallbackServerContext*, const LeaveRequest*,
                                  LeaveReply*) override {
    class Hangs : public grpc::ServerUnaryReactor {
      void OnCancel() override { Finish(grpc::Status::CANCELLED); }
      void OnDone() override { delete this; }
    };
    return new Hangs;
  }

  std::atomic<size_t> reply_bytes{0};
};

class ServerTest : public ::testing::Test {
 protected:
  static std::unique_ptr<RpcServer> Start(const std::vector<std::string>& addresses, Echo* echo) {
    absl::StatusOr<std::unique_ptr<RpcServer>> server = RpcServer::Start({addresses}, {echo});
    EXPECT_TRUE(server.ok()) << server.status();
    return *std::move(server);
  }
  static std::unique_ptr<Coordinator::Stub> Stub(const std::string& address) {
    return Coordinator::NewStub(MakeChannel(address, ChannelUse::kControl));
  }
  static absl::StatusOr<StatusReply> Ask(Coordinator::Stub* stub) {
    return CallUnary(stub, &Coordinator::Stub::Status, StatusRequest(), kLimit);
  }

  TempDirectory directory_ = *TempDirectory::Make();
  const std::string socket_ = "unix:" + directory_.path() + "/socket";
  Echo echo_;
};

TEST_F(ServerTest, ServesOnEachOfItsAddresses) {
  const std::unique_ptr<RpcServer> server = Start({socket_, "127.0.0.1:0"}, &echo_);
  ASSERT_EQ(server->addresses().size(), 2U);
  EXPECT_EQ(server->addresses()[0], socket_);
  EXPECT_NE(server->addresses()[1], "127.0.0.1:0");
  for (const std::string& address : server->addresses()) {
    const absl::StatusOr<StatusReply> reply = Ask(Stub(address).get());
    EXPECT_TRUE(reply.ok()) << reply.status();
  }
}

TEST_F(ServerTest, APeerOnTheHostComesByTheSocket) {
  const std::unique_ptr<RpcServer> server = Start({"127.0.0.1:0", socket_}, &echo_);
  const auto channel = MakeChannel(LocalEndpoint(server->addresses()), ChannelUse::kBulk);
  ASSERT_TRUE(channel.ok()) << channel.status();
  const absl::StatusOr<StatusReply> reply = Ask(Coordinator::NewStub(*channel).get());
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->run_id().substr(0, 5), "unix:");
  EXPECT_FALSE(MakeChannel(Endpoint(), ChannelUse::kControl).ok());
}

// A connection of its own is what keeps bulk from standing in control's way.
TEST_F(ServerTest, BulkChannelsHaveTheirOwnConnection) {
  const std::unique_ptr<RpcServer> server = Start({"127.0.0.1:0"}, &echo_);
  const auto peer = [&](ChannelUse use) {
    return Coordinator::NewStub(MakeChannel(server->addresses()[0], use));
  };
  const auto first = peer(ChannelUse::kControl);
  const auto second = peer(ChannelUse::kControl);
  const auto bulk = peer(ChannelUse::kBulk);
  const auto other_bulk = peer(ChannelUse::kBulk);
  const std::string seen = Ask(first.get())->run_id();  // the peer's port
  EXPECT_EQ(Ask(second.get())->run_id(), seen);
  EXPECT_NE(Ask(bulk.get())->run_id(), seen);
  EXPECT_NE(Ask(other_bulk.get())->run_id(), Ask(bulk.get())->run_id());
}

TEST_F(ServerTest, PassesStatusesOn) {
  const std::unique_ptr<RpcServer> server = Start({socket_}, &echo_);
  StopRequest request;
  request.set_reason("the reason");
  EXPECT_EQ(CallUnary(Stub(socket_).get(), &Coordinator::Stub::Stop, request, kLimit).status(),
            absl::FailedPreconditionError("the reason"));
}

TEST_F(ServerTest, CallsEndAtTheirDeadline) {
  const std::unique_ptr<RpcServer> server = Start({socket_}, &echo_);
  EXPECT_EQ(
      CallUnary(Stub(socket_).get(), &Coordinator::Stub::Leave, LeaveRequest(), milliseconds(50))
          .status()
          .code(),
      absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ServerTest, NobodyThereIsUnavailable) {
  EXPECT_EQ(Ask(Stub(socket_).get()).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ServerTest, ChannelsReconnect) {
  const auto stub = Stub(socket_);
  EXPECT_FALSE(Ask(stub.get()).ok());
  const auto deadline = std::chrono::steady_clock::now() + kLimit;
  for (int life = 0; life < 2; ++life) {
    const std::unique_ptr<RpcServer> server = Start({socket_}, &echo_);
    while (!Ask(stub.get()).ok()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(milliseconds(10));
    }
  }
}

TEST_F(ServerTest, MessagesHaveALimit) {
  const std::unique_ptr<RpcServer> server = Start({socket_}, &echo_);
  const auto stub = Stub(socket_);
  echo_.reply_bytes = kMaxMessageBytes - 1000;
  EXPECT_TRUE(Ask(stub.get()).ok());
  StopRequest request;
  request.set_reason(std::string(kMaxMessageBytes - 1000, 'x'));
  EXPECT_EQ(CallUnary(stub.get(), &Coordinator::Stub::Stop, request, kLimit).status(),
            absl::FailedPreconditionError(std::string(kReason, 'x')));
  request.set_reason(std::string(kMaxMessageBytes, 'x'));
  EXPECT_EQ(CallUnary(stub.get(), &Coordinator::Stub::Stop, request, kLimit).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(ServerTest, RefusesAddressesThatOthersReach) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "node7:80"}) {
    EXPECT_EQ(RpcServer::Start({{socket_, address}}, {&echo_}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << address;
  }
  EXPECT_NE(RpcServer::Start({{"0.0.0.0:0"}}, {&echo_}).status().message().find("--insecure"),
            std::string::npos);
  EXPECT_TRUE(RpcServer::Start({{"0.0.0.0:0"}, /*insecure=*/true}, {&echo_}).ok());
  EXPECT_EQ(RpcServer::Start({{"nonsense"}, /*insecure=*/true}, {&echo_}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ServerTest, APortInUseIsAnError) {
  const std::unique_ptr<RpcServer> server = Start({"127.0.0.1:0"}, &echo_);
  Echo other;
  const absl::Status status = RpcServer::Start({server->addresses()}, {&other}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(status.message().find(server->addresses()[0]), std::string::npos);
}

TEST_F(ServerTest, ShutdownCancelsWhatHangs) {
  const std::unique_ptr<RpcServer> server = Start({socket_}, &echo_);
  const auto stub = Stub(socket_);
  ASSERT_TRUE(Ask(stub.get()).ok());
  std::future<absl::Status> hanging = std::async(std::launch::async, [&stub] {
    return CallUnary(stub.get(), &Coordinator::Stub::Leave, LeaveRequest(), kLimit).status();
  });
  server->Shutdown(milliseconds(50));
  server->Shutdown(milliseconds(50));
  const absl::StatusCode code = hanging.get().code();
  EXPECT_TRUE(code == absl::StatusCode::kCancelled || code == absl::StatusCode::kUnavailable)
      << absl::StatusCodeToString(code);
}

}  // namespace
}  // namespace drover
