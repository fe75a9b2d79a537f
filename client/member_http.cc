#include "client/member_http.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/own_usage.h"
#include "client/report_prometheus.h"
#include "common/prometheus.h"
#include "common/rpc/credentials.h"
#include "common/status_macros.h"

namespace drover {

absl::StatusOr<std::unique_ptr<HttpServer>> ServeMetrics(HttpOptions options, Role::Kind role,
                                                         uint32_t index,
                                                         std::function<Report()> report) {
  if (options.address.empty()) return nullptr;
  if (!options.allow) options.allow = ViewersOnly();
  if (options.tls == nullptr) options.tls = ProcessPages();
  DROVER_ASSIGN_OR_RETURN(std::unique_ptr<HttpServer> server, HttpServer::Make(std::move(options)));
  server->Get("/metrics", [role, index, report = std::move(report)](const HttpQuery&) {
    Report now = report();
    *now.mutable_usage() = OwnUsage();
    PrometheusText text;
    AddReport({{"role", Role::Kind_Name(role)}, {"index", absl::StrCat(index)}}, role, now, &text);
    return HttpReply{200, kPrometheusType, text.text()};
  });
  server->Start();
  spdlog::info("metrics: {}/metrics", server->url());
  return server;
}

}  // namespace drover
