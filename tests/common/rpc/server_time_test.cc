#include "common/rpc/server_time.h"

#include "absl/time/clock.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "gtest/gtest.h"
#include "proto/coordinator.grpc.pb.h"

namespace drover {
namespace {

// Tells the time with Status, not with Stop.
class Teller final : public Coordinator::CallbackService {
 public:
  grpc::ServerUnaryReactor* Status(grpc::CallbackServerContext* context, const StatusRequest*,
                                   StatusReply*) override {
    TellTime(context, absl::FromUnixMicros(1234567890123456));
    return Finish(context);
  }
  grpc::ServerUnaryReactor* Stop(grpc::CallbackServerContext* context, const StopRequest*,
                                 StopReply*) override {
    return Finish(context);
  }

 private:
  static grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context) {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

TEST(ServerTimeTest, IsBesideAnAnswer) {
  Teller teller;
  const auto server = RpcServer::Start({{"127.0.0.1:0"}}, {&teller});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub =
      Coordinator::NewStub(MakeChannel((*server)->addresses()[0], ChannelUse::kControl));
  grpc::ClientContext told;
  StatusReply status;
  ASSERT_TRUE(stub->Status(&told, StatusRequest(), &status).ok());
  EXPECT_EQ(ToldTime(told), absl::FromUnixMicros(1234567890123456));
  grpc::ClientContext silent;
  StopReply stop;
  ASSERT_TRUE(stub->Stop(&silent, StopRequest(), &stop).ok());
  EXPECT_EQ(ToldTime(silent), std::nullopt);
}

}  // namespace
}  // namespace drover
