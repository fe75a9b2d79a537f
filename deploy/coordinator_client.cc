#include "deploy/coordinator_client.h"

#include <google/protobuf/text_format.h>

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

}  // namespace

CoordinatorClient::CoordinatorClient(const std::string& address)
    : stub_(Coordinator::NewStub(MakeChannel(address, ChannelUse::kControl))) {}

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
  return CallUnary(stub_.get(), &Coordinator::Stub::Status, StatusRequest(), kDeadline);
}

absl::Status CoordinatorClient::Stop(const std::string& reason, bool failed) {
  StopRequest request;
  request.set_reason(reason);
  request.set_failed(failed);
  return CallUnary(stub_.get(), &Coordinator::Stub::Stop, request, kDeadline).status();
}

}  // namespace drover
