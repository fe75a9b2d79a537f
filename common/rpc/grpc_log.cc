#include "common/rpc/grpc_log.h"

#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/refusals.h"

namespace drover {
namespace {

void Log(gpr_log_func_args* args) {
  switch (ClassOf(args->message)) {
    case GrpcLine::kHandshake:
      Refusals::OfProcess().Add(Refusal::kHandshake, absl::StrCat("a connection: ", args->message));
      break;
    case GrpcLine::kNoise:
      spdlog::debug("gRPC: {}", args->message);
      break;
    case GrpcLine::kWarning:
      spdlog::warn("gRPC: {}", args->message);
      break;
  }
}

}  // namespace

GrpcLine ClassOf(absl::string_view line) {
  // Certificates are of roles, not of hosts; a client's own refusal of a server is its status.
  if (absl::StartsWith(line, "No match found for server name") ||
      absl::StrContains(line, "certificate verify failed")) {
    return GrpcLine::kNoise;
  }
  // The second: it took too long.
  const bool handshake =
      absl::StartsWith(line, "Handshake failed") ||
      absl::StartsWith(line, "TlsServerSecurityConnector::cancel_check_peer error");
  return handshake ? GrpcLine::kHandshake : GrpcLine::kWarning;
}

void AdoptGrpcLog() { gpr_set_log_function(Log); }

}  // namespace drover
