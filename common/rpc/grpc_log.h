#ifndef DROVER_COMMON_RPC_GRPC_LOG_H_
#define DROVER_COMMON_RPC_GRPC_LOG_H_

#include "absl/strings/string_view.h"

namespace drover {

// What to make of a line that gRPC wants to log.
enum class GrpcLine {
  kHandshake,  // a TLS handshake failed before there was a certificate to judge: counted
  kNoise,      // says nothing, or what a status says, too
  kWarning,    // the rest
};
GrpcLine ClassOf(absl::string_view line);

// From now on what gRPC logs goes to this process's log, and failed handshakes to its refusals
// (common/rpc/refusals.h): gRPC tells of them in no other way. It does not say on which side, so
// that one with a server that speaks no TLS counts, too. May be repeated.
void AdoptGrpcLog();

}  // namespace drover

#endif  // DROVER_COMMON_RPC_GRPC_LOG_H_
