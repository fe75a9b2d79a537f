#include "common/metrics.h"

namespace drover {

void Metrics::Count(const std::string& name, double amount) {
  MutexLock lock(&mutex_);
  counters_[name].total += amount;
}

void Metrics::Set(const std::string& name, double value) {
  MutexLock lock(&mutex_);
  values_[name] = value;
}

void Metrics::Observe(const std::string& name, double value) {
  MutexLock lock(&mutex_);
  Mean& mean = means_[name];
  mean.sum += value;
  ++mean.count;
}

std::map<std::string, double> Metrics::Snapshot(Time now) {
  MutexLock lock(&mutex_);
  std::map<std::string, double> snapshot = values_;
  const double seconds = std::chrono::duration<double>(now - snapshot_).count();
  for (auto& [name, counter] : counters_) {
    snapshot[name] = counter.total;
    if (has_snapshot_ && seconds > 0) {
      snapshot[name + "_per_second"] = (counter.total - counter.at_snapshot) / seconds;
    }
    counter.at_snapshot = counter.total;
  }
  for (const auto& [name, mean] : means_) snapshot[name] = mean.sum / mean.count;
  means_.clear();
  has_snapshot_ = true;
  snapshot_ = now;
  return snapshot;
}

}  // namespace drover
