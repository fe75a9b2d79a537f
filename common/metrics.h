#ifndef DROVER_COMMON_METRICS_H_
#define DROVER_COMMON_METRICS_H_

#include <chrono>
#include <map>
#include <string>

#include "common/mutex.h"

namespace drover {

// What a process tells of itself by name: Report.metrics (proto/coordinator.proto), a line of
// metrics.jsonl a second. Thread-safe; meant for some calls a train step or unroll, not an
// environment step. A name belongs to one kind.
class Metrics {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Adds to a total that also has a rate.
  void Count(const std::string& name, double amount = 1);
  // Sets a number that holds until it is set again.
  void Set(const std::string& name, double value);
  // Adds one observation to a mean.
  void Observe(const std::string& name, double value);

  // The totals since the start, the numbers set, and since the last snapshot the means of what was
  // observed (none: the mean is left out) and the rates, as `<name>_per_second` (none in the first
  // snapshot). One caller takes all snapshots.
  std::map<std::string, double> Snapshot(Time now = std::chrono::steady_clock::now());

 private:
  struct Counter {
    double total = 0;
    double at_snapshot = 0;
  };
  struct Mean {
    double sum = 0;
    double count = 0;
  };

  Mutex mutex_;
  std::map<std::string, Counter> counters_ DROVER_GUARDED_BY(mutex_);
  std::map<std::string, double> values_ DROVER_GUARDED_BY(mutex_);
  std::map<std::string, Mean> means_ DROVER_GUARDED_BY(mutex_);
  bool has_snapshot_ DROVER_GUARDED_BY(mutex_) = false;
  Time snapshot_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_COMMON_METRICS_H_
