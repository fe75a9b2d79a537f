#include "common/rpc/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include "absl/strings/match.h"
#include "common/rpc/address.h"
#include "common/rpc/backoff.h"
#include "common/rpc/credentials.h"
#include "common/rpc/limits.h"
#include "common/status_macros.h"

namespace drover {
namespace {

int Milliseconds(std::chrono::milliseconds duration) { return static_cast<int>(duration.count()); }

std::shared_ptr<grpc::ChannelCredentials> CredentialsFor(const std::string& address) {
  const std::shared_ptr<const Credentials> credentials = ProcessCredentials();
  if (credentials == nullptr || absl::StartsWith(address, "unix:")) {
    return grpc::InsecureChannelCredentials();
  }
  return credentials->channel();
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address, ChannelUse use) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, Milliseconds(Backoff::kLeast));
  // Despite its name: how long one attempt may take.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, Milliseconds(kConnectTimeout));
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, Milliseconds(Backoff::kMost));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kKeepalive));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(kKeepaliveTimeout));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // as many as keepalive wants
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, use == ChannelUse::kBulk ? 1 : 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  return grpc::CreateCustomChannel(address, CredentialsFor(address), arguments);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const Endpoint& peer, ChannelUse use) {
  DROVER_ASSIGN_OR_RETURN(const std::string address, ChooseAddress(peer));
  return MakeChannel(address, use);
}

void AwaitConnection(grpc::Channel* channel, std::chrono::milliseconds patience) {
  channel->WaitForConnected(std::chrono::system_clock::now() + patience);
}

}  // namespace drover
