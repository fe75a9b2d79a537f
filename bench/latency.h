#ifndef DROVER_BENCH_LATENCY_H_
#define DROVER_BENCH_LATENCY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace drover {

// How long after a publish its version was acted with, in seconds.
struct Latencies {
  double median = 0;
  double p99 = 0;
  double worst = 0;
  double all_median = 0;  // over versions: until the last subscriber had it
  uint64_t samples = 0;
};

// The least of `values` that at least `share` of them do not exceed; `values` is not empty.
double Percentile(std::vector<double> values, double share);

// Of what `subscribers` stubs wrote (bench/weights_stub.h), and when each version was published.
// Who skipped a version acted with it once it acted with a newer one. An error: a line that is
// none, or a subscriber that never had the last.
absl::StatusOr<Latencies> MeasureLatencies(const std::map<uint64_t, double>& published,
                                           uint64_t subscribers, const std::string& taken);

}  // namespace drover

#endif  // DROVER_BENCH_LATENCY_H_
