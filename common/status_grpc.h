#ifndef DROVER_COMMON_STATUS_GRPC_H_
#define DROVER_COMMON_STATUS_GRPC_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

// The two kinds of status have the same codes; messages are kept, details and payloads are not.
namespace drover {

grpc::Status ToGrpcStatus(const absl::Status& status);

// A code that Abseil does not know becomes UNKNOWN.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace drover

#endif  // DROVER_COMMON_STATUS_GRPC_H_
