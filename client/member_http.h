#ifndef DROVER_CLIENT_MEMBER_HTTP_H_
#define DROVER_CLIENT_MEMBER_HTTP_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/http_server.h"
#include "proto/coordinator.pb.h"

namespace drover {

// A member's own /metrics and /health: what it reports to the coordinator, without the second that
// this takes, and also while there is no coordinator. `report` is called on any thread until the
// server's end. Null where `options.address` is empty; errors as HttpServer::Make.
absl::StatusOr<std::unique_ptr<HttpServer>> ServeMetrics(HttpOptions options, Role::Kind role,
                                                         uint32_t index,
                                                         std::function<Report()> report);

}  // namespace drover

#endif  // DROVER_CLIENT_MEMBER_HTTP_H_
