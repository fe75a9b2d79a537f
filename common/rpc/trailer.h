#ifndef DROVER_COMMON_RPC_TRAILER_H_
#define DROVER_COMMON_RPC_TRAILER_H_

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include <cstdint>
#include <optional>

// Numbers that a server tells beside its answer, a refusal too, in the call's trailing metadata.
namespace drover {

// Beside ALREADY_EXISTS of Coordinator.Register: the run's lease. A dead process may hold the place
// for so long.
constexpr char kLeaseMillis[] = "drover-lease-millis";

// Before the call is finished.
void TellNumber(grpc::ServerContextBase* context, const char* name, int64_t number);

// After the call; nothing: the server did not tell.
std::optional<int64_t> ToldNumber(const grpc::ClientContext& context, const char* name);

}  // namespace drover

#endif  // DROVER_COMMON_RPC_TRAILER_H_
