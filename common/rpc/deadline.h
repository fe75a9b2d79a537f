#ifndef DROVER_COMMON_RPC_DEADLINE_H_
#define DROVER_COMMON_RPC_DEADLINE_H_

#include <grpcpp/client_context.h>

#include <chrono>

#include "absl/status/statusor.h"
#include "common/status_grpc.h"

namespace drover {

// One unary call that takes no longer than `timeout`; it blocks, so never on gRPC's threads:
//
//   absl::StatusOr<RenewReply> reply =
//       CallUnary(stub.get(), &Coordinator::Stub::Renew, request, std::chrono::seconds(1));
//
// DEADLINE_EXCEEDED: no answer in time; UNAVAILABLE: the peer is not there; else what it answered.
// A `context` of the caller's, new for each call, has what came beside that (common/rpc/trailer.h).
template <typename Stub, typename Request, typename Reply>
absl::StatusOr<Reply> CallUnary(
    Stub* stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
    const Request& request, std::chrono::milliseconds timeout, grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + timeout);
  Reply reply;
  const grpc::Status status = (stub->*method)(context, request, &reply);
  if (!status.ok()) return FromGrpcStatus(status);
  return reply;
}

template <typename Stub, typename Method, typename Request>
auto CallUnary(Stub* stub, Method method, const Request& request,
               std::chrono::milliseconds timeout) {
  grpc::ClientContext context;
  return CallUnary(stub, method, request, timeout, &context);
}

}  // namespace drover

#endif  // DROVER_COMMON_RPC_DEADLINE_H_
