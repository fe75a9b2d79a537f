#include "bench/dashboard_viewer.h"

#include <httplib.h>

#include <algorithm>
#include <utility>

#include "common/clock.h"

namespace drover {

DashboardViewer::DashboardViewer(const std::string& url)
    : last_(MonotonicSeconds()), taking_([this, url] {
        httplib::Client(url).Get("/events", [this](const char* data, size_t size) {
          Take(data, size);
          return !over_.load();
        });
      }) {}

DashboardViewer::~DashboardViewer() {
  over_.store(true);
  taking_.join();
}

DashboardViewer::Seen DashboardViewer::Now() const {
  MutexLock lock(&mutex_);
  Seen seen = seen_;
  seen.longest_gap = std::max(seen.longest_gap, MonotonicSeconds() - last_);
  return seen;
}

void DashboardViewer::Take(const char* data, size_t size) {
  MutexLock lock(&mutex_);
  seen_.bytes += size;
  for (size_t i = 0; i < size; ++i) {
    const bool ended = data[i] == '\n';
    if (ended && line_ended_) {  // an empty line ends an event
      const double now = MonotonicSeconds();
      seen_.longest_gap = std::max(seen_.longest_gap, now - std::exchange(last_, now));
      ++seen_.updates;
    }
    line_ended_ = ended;
  }
}

}  // namespace drover
