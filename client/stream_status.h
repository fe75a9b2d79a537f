#ifndef DROVER_CLIENT_STREAM_STATUS_H_
#define DROVER_CLIENT_STREAM_STATUS_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/coordinator.pb.h"

namespace drover {

// A connection of its own to `server`. UNAVAILABLE: no way to it from here, now.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenBulkChannel(const Endpoint& server);

// Why a stream that should have stayed open is over. Never OK: a server that
// just closes is UNAVAILABLE.
absl::Status StreamStatus(const grpc::Status& status);

}  // namespace drover

#endif  // DROVER_CLIENT_STREAM_STATUS_H_
