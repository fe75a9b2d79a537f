#include "deploy/coordinator_client.h"

#include <grpcpp/channel.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/rpc/run_address.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kDeadline{2000};
constexpr std::chrono::milliseconds kConnectPatience{100};

}  // namespace

CoordinatorClient::CoordinatorClient(const std::string& address)
    : channel_(MakeChannel(address, ChannelUse::kControl)), stub_(Coordinator::NewStub(channel_)) {}

absl::StatusOr<CoordinatorClient> CoordinatorClient::OfRun(const std::string& run_dir) {
  DROVER_ASSIGN_OR_RETURN(const std::string address,
                          FindCoordinator(absl::StrCat("run:", run_dir)));
  return CoordinatorClient(address);
}

absl::StatusOr<StatusReply> CoordinatorClient::Status() {
  // Else one that was not there a moment ago would be tried again only after a pause.
  grpc::experimental::ChannelResetConnectionBackoff(channel_.get());
  AwaitConnection(channel_.get(), kConnectPatience);
  return CallUnary(stub_.get(), &Coordinator::Stub::Status, StatusRequest(), kDeadline);
}

absl::StatusOr<uint32_t> CoordinatorClient::Scale(uint32_t actors) {
  ScaleRequest request;
  request.set_actors(actors);
  DROVER_ASSIGN_OR_RETURN(const ScaleReply reply,
                          CallUnary(stub_.get(), &Coordinator::Stub::Scale, request, kDeadline));
  return reply.before();
}

absl::Status CoordinatorClient::Stop(const std::string& reason, bool failed) {
  StopRequest request;
  request.set_reason(reason);
  request.set_failed(failed);
  return CallUnary(stub_.get(), &Coordinator::Stub::Stop, request, kDeadline).status();
}

}  // namespace drover
