#include "common/tally.h"

#include <algorithm>
#include <utility>

namespace drover {

Tally::Tally(std::vector<double> bounds)
    : bounds_(std::move(bounds)), counts_(new std::atomic<uint64_t>[bounds_.size() + 1]()) {}

void Tally::Observe(double value, uint64_t times) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[bucket].fetch_add(times, std::memory_order_relaxed);
  const double amount = value * static_cast<double>(times);
  double sum = sum_.load(std::memory_order_relaxed);
  while (!sum_.compare_exchange_weak(sum, sum + amount, std::memory_order_relaxed)) {
  }
}

std::vector<uint64_t> Tally::counts() const {
  std::vector<uint64_t> counts(bounds_.size() + 1);
  for (size_t i = 0; i < counts.size(); ++i) {
    counts[i] = counts_[i].load(std::memory_order_relaxed);
  }
  return counts;
}

std::vector<double> SecondsBounds() {
  return {0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
          0.1,     0.2,    0.5,    1,      2,     5,     10,    20,   50,   100};
}

std::vector<double> LagBounds() {
  std::vector<double> bounds{0};
  for (int bound = 1; bound <= 16384; bound *= 2) bounds.push_back(bound);
  return bounds;
}

}  // namespace drover
