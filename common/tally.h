#ifndef DROVER_COMMON_TALLY_H_
#define DROVER_COMMON_TALLY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace drover {

// How often a quantity was how large: what becomes a Histogram (proto/coordinator.proto).
// Lock-free: any thread observes and reads. One observation takes some ten nanoseconds
// (tests/bench/metrics_bench.cc); meant for some a train step, message or unroll.
class Tally {
 public:
  // Upper bounds of what is told apart, inclusive, ascending.
  explicit Tally(std::vector<double> bounds);

  // `times` observations of one value.
  void Observe(double value, uint64_t times = 1);

  const std::vector<double>& bounds() const { return bounds_; }
  // Within each bound and above the one before; last: above all.
  std::vector<uint64_t> counts() const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  const std::vector<double> bounds_;
  const std::unique_ptr<std::atomic<uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

// 50 µs, 100 µs, 200 µs, 500 µs, … 100 s.
std::vector<double> SecondsBounds();
// 0, 1, 2, 4, 8, … 16384: of versions.
std::vector<double> LagBounds();

}  // namespace drover

#endif  // DROVER_COMMON_TALLY_H_
