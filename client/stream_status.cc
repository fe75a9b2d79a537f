#include "client/stream_status.h"

#include "common/rpc/channel.h"
#include "common/status_grpc.h"

namespace drover {

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenBulkChannel(const Endpoint& server) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = MakeChannel(server, ChannelUse::kBulk);
  if (channel.ok()) return channel;
  return absl::UnavailableError(channel.status().message());
}

absl::Status StreamStatus(const grpc::Status& status) {
  if (status.ok()) return absl::UnavailableError("the server closed the stream");
  return FromGrpcStatus(status);
}

}  // namespace drover
