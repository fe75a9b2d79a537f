#ifndef DROVER_COORDINATOR_DASHBOARD_DASHBOARD_H_
#define DROVER_COORDINATOR_DASHBOARD_DASHBOARD_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "common/rpc/http_server.h"
#include "proto/coordinator.pb.h"

namespace drover {

// A run for people and for Prometheus, over HTTP:
//   /            the page (page/), which needs nothing from elsewhere
//   /events      what it shows, each second (coordinator/dashboard/view.h)
//   /api/status  the same once
//   /api/runs, /api/curve?run=NAME, /api/config?run=NAME
//                runs beside this one (coordinator/dashboard/past_runs.h); no NAME: this one
//   /metrics     for Prometheus (coordinator/metrics_page.h)
//   /health      "ok"
// Nothing is computed while nobody looks, and once a second however many do.
class Dashboard {
 public:
  struct Options {
    HttpOptions http;
    std::string run_dir;
    // Of the run, now; called on any thread, until the end.
    std::function<StatusReply()> status;
    std::function<std::map<Event::Kind, uint64_t>()> event_counts;
  };

  // Serves until its end. Errors as HttpServer::Make.
  static absl::StatusOr<std::unique_ptr<Dashboard>> Start(Options options);

  const std::string& url() const { return server_->url(); }

 private:
  using Clock = std::chrono::steady_clock;

  explicit Dashboard(Options options) : options_(std::move(options)) {}

  void AddPages();
  // The newest view, at most a second old.
  std::string View() DROVER_EXCLUDES(mutex_);

  const Options options_;
  Mutex mutex_;
  std::deque<StatusReply> statuses_ DROVER_GUARDED_BY(mutex_);  // a second apart, oldest first
  Clock::time_point made_ DROVER_GUARDED_BY(mutex_);            // the newest of them
  std::string view_ DROVER_GUARDED_BY(mutex_);                  // of the newest of them
  std::unique_ptr<HttpServer> server_;                          // last: its threads use the above
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_DASHBOARD_DASHBOARD_H_
