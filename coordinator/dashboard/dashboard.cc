#include "coordinator/dashboard/dashboard.h"

#include <chrono>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/prometheus.h"
#include "common/status_macros.h"
#include "coordinator/dashboard/page.h"
#include "coordinator/dashboard/past_runs.h"
#include "coordinator/dashboard/view.h"
#include "coordinator/metrics_page.h"

namespace drover {
namespace {

constexpr char kJson[] = "application/json";
constexpr std::chrono::seconds kPeriod{1};
// A second asked for by several viewers is one: they do not come at the same moment.
constexpr std::chrono::milliseconds kFresh{900};
// Rates are over so many seconds.
constexpr double kWindow = 5;

HttpReply Reply(const absl::StatusOr<std::string>& body, const char* type) {
  if (!body.ok()) return {404, "text/plain", std::string(body.status().message()) + "\n"};
  return {200, type, *body};
}

std::string Named(const HttpQuery& query) {
  const auto found = query.find("run");
  return found == query.end() ? "" : found->second;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dashboard>> Dashboard::Start(Options options) {
  std::unique_ptr<Dashboard> dashboard(new Dashboard(std::move(options)));
  DROVER_ASSIGN_OR_RETURN(dashboard->server_, HttpServer::Make(dashboard->options_.http));
  dashboard->AddPages();
  dashboard->server_->Start();
  return dashboard;
}

void Dashboard::AddPages() {
  for (const PageFile& file : PageFiles()) {
    server_->Get(file.path, [&file](const HttpQuery&) {
      return HttpReply{200, file.type, std::string(file.content)};
    });
  }
  server_->Events(
      "/events", [this] { return View(); }, kPeriod);
  server_->Get("/api/status", [this](const HttpQuery&) { return HttpReply{200, kJson, View()}; });
  server_->Get("/api/runs", [this](const HttpQuery&) {
    return HttpReply{200, kJson, PastRunsJson(options_.run_dir)};
  });
  server_->Get("/api/curve", [this](const HttpQuery& query) {
    return Reply(CurveJson(options_.run_dir, Named(query)), kJson);
  });
  server_->Get("/api/config", [this](const HttpQuery& query) {
    return Reply(ConfigText(options_.run_dir, Named(query)), "text/plain; charset=utf-8");
  });
  server_->Get("/metrics", [this](const HttpQuery&) {
    return HttpReply{200, kPrometheusType, MetricsPage(options_.status(), options_.event_counts())};
  });
}

std::string Dashboard::View() {
  MutexLock lock(&mutex_);
  const Clock::time_point asked = Clock::now();
  if (!statuses_.empty() && asked - made_ < kFresh) return view_;
  made_ = asked;
  StatusReply now = options_.status();
  const double time = now.uptime_seconds();
  // Of those a window ago the newest; where nobody looked for a while, none.
  while (statuses_.size() > 1 && time - statuses_[1].uptime_seconds() >= kWindow) {
    statuses_.pop_front();
  }
  if (!statuses_.empty() && time - statuses_.front().uptime_seconds() > 2 * kWindow) {
    statuses_.clear();
  }
  view_ = ViewJson(statuses_.empty() ? StatusReply() : statuses_.front(), now);
  statuses_.push_back(std::move(now));
  return view_;
}

}  // namespace drover
