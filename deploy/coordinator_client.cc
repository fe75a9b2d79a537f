#include "deploy/coordinator_client.h"

#include <google/protobuf/text_format.h>
#include <grpcpp/channel.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/rpc/address.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/status_macros.h"
#include "coordinator/coordinator_main.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kDeadline{2000};
constexpr std::chrono::milliseconds kConnectPatience{100};

}  // namespace

CoordinatorClient::CoordinatorClient(const std::string& address)
    : channel_(MakeChannel(address, ChannelUse::kControl)), stub_(Coordinator::NewStub(channel_)) {}

absl::StatusOr<CoordinatorClient> CoordinatorClient::OfRun(const std::string& run_dir) {
  DROVER_ASSIGN_OR_RETURN(const std::string text,
                          ReadFile(absl::StrCat(run_dir, "/", kAddressFile)));
  Endpoint endpoint;
  if (!google::protobuf::TextFormat::ParseFromString(text, &endpoint)) {
    return absl::InvalidArgumentError(absl::StrCat(run_dir, "/", kAddressFile, " is damaged"));
  }
  DROVER_ASSIGN_OR_RETURN(const std::string address, ChooseAddress(endpoint));
  return CoordinatorClient(address);
}

absl::StatusOr<StatusReply> CoordinatorClient::Status() {
  // Else one that was not there a moment ago would be tried again only after a pause, and calls
  // that fail at once leave a connection no time to come about.
  grpc::experimental::ChannelResetConnectionBackoff(channel_.get());
  channel_->WaitForConnected(std::chrono::system_clock::now() + kConnectPatience);
  return CallUnary(stub_.get(), &Coordinator::Stub::Status, StatusRequest(), kDeadline);
}

absl::Status CoordinatorClient::Stop(const std::string& reason, bool failed) {
  StopRequest request;
  request.set_reason(reason);
  request.set_failed(failed);
  return CallUnary(stub_.get(), &Coordinator::Stub::Stop, request, kDeadline).status();
}

}  // namespace drover
