#ifndef DROVER_BENCH_DASHBOARD_VIEWER_H_
#define DROVER_BENCH_DASHBOARD_VIEWER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

#include "common/mutex.h"

namespace drover {

// A browser's part in watching a dashboard: takes its stream of events, from when it is made, and
// notes how often one comes.
class DashboardViewer {
 public:
  struct Seen {
    uint64_t updates = 0;
    uint64_t bytes = 0;      // of all of them
    double longest_gap = 0;  // seconds without one, also at the end
  };

  // `url`: "http://host:port".
  explicit DashboardViewer(const std::string& url);
  ~DashboardViewer();  // waits for the next event
  DashboardViewer(const DashboardViewer&) = delete;
  DashboardViewer& operator=(const DashboardViewer&) = delete;

  Seen Now() const DROVER_EXCLUDES(mutex_);

 private:
  void Take(const char* data, size_t size) DROVER_EXCLUDES(mutex_);

  mutable Mutex mutex_;
  Seen seen_ DROVER_GUARDED_BY(mutex_);
  double last_ DROVER_GUARDED_BY(mutex_);  // when the newest came
  bool line_ended_ DROVER_GUARDED_BY(mutex_) = false;
  std::atomic<bool> over_{false};
  std::thread taking_;  // last: it uses all of the above
};

}  // namespace drover

#endif  // DROVER_BENCH_DASHBOARD_VIEWER_H_
