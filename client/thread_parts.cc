#include "client/thread_parts.h"

namespace drover {
namespace {

constexpr char kClock[] = "clock_seconds";

double Growth(const Report& before, const Report& now, const std::string& name) {
  return MetricOf(now, name) - MetricOf(before, name);
}

}  // namespace

const std::vector<ThreadParts>& AllThreads() {
  static const auto* const threads = new std::vector<ThreadParts>{
      {Role::learner,
       "train",
       {{"forward-backward", "forward_backward_seconds"},
        {"optimiser", "optimizer_seconds"},
        {"prepare", "prepare_seconds"},
        {"publish", "publish_seconds"},
        {"save", "save_seconds"},
        {"wait", "wait_seconds"},
        {"other", "other_seconds"}}},
      {Role::learner,
       "batches",
       {{"assemble", "assemble_seconds"},
        {"wait for unrolls", "assemble_wait_seconds"},
        {"wait for train", "assemble_blocked_seconds"}}},
      {Role::actor,
       "act",
       {{"environment", "environment_seconds"},
        {"inference", "inference_seconds"},
        {"gradient", "gradient_seconds"},  // on a3c
        {"encode", "encode_seconds"},
        {"wait", "wait_seconds"}}},
  };
  return *threads;
}

double MetricOf(const Report& report, const std::string& name) {
  const auto found = report.metrics().find(name);
  return found == report.metrics().end() ? 0 : found->second;
}

double ThreadShares::sum() const {
  double sum = 0;
  for (const auto& [name, share] : parts) sum += share;
  return sum;
}

double ThreadShares::share(const std::string& part) const {
  for (const auto& [name, share] : parts) {
    if (name == part) return share;
  }
  return 0;
}

std::vector<ThreadShares> SharesBetween(Role::Kind role, const Report& before, const Report& now) {
  std::vector<ThreadShares> all;
  const bool since_start = !before.metrics().contains(kClock);
  for (const ThreadParts& thread : AllThreads()) {
    if (thread.role != role) continue;
    ThreadShares shares{thread.name, {}};
    for (const auto& [name, metric] : thread.parts) {
      shares.parts.emplace_back(name, Growth(before, now, metric));
    }
    // The clock is the host's: it says nothing of one report alone.
    const double wall = since_start ? shares.sum() : Growth(before, now, kClock);
    if (wall <= 0) continue;
    for (auto& [name, share] : shares.parts) share /= wall;
    all.push_back(std::move(shares));
  }
  return all;
}

}  // namespace drover
