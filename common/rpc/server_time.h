#ifndef DROVER_COMMON_RPC_SERVER_TIME_H_
#define DROVER_COMMON_RPC_SERVER_TIME_H_

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include <optional>

#include "absl/time/time.h"

// What a server's clock says, beside an answer, as HTTP's Date header: for who compares clocks.
namespace drover {

// Before the call is finished.
void TellTime(grpc::ServerContextBase* context, absl::Time now);

// After the call; nothing: the server did not tell.
std::optional<absl::Time> ToldTime(const grpc::ClientContext& context);

}  // namespace drover

#endif  // DROVER_COMMON_RPC_SERVER_TIME_H_
