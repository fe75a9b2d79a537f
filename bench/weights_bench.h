#ifndef DROVER_BENCH_WEIGHTS_BENCH_H_
#define DROVER_BENCH_WEIGHTS_BENCH_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "bench/latency.h"
#include "common/signals.h"

namespace drover {

// How weights get from a learner's publisher to actors, all on this host: the publisher in this
// process, subscribers in others, a Unix socket between them.
struct WeightsCase {
  uint64_t bytes = 20'000;
  int subscribers = 1;
  int processes = 1;       // that hold them
  int versions = 500;      // measured
  int warmup = 50;         // versions before those
  double interval = 0.01;  // seconds between publishes, at least; all have the last one by then
};

struct WeightsResult {
  Latencies latencies;
  double bare_bytes_per_second = 0;  // of one stream of gRPC alone, before or after
  // Time until the last subscriber had a version, over bytes * subscribers / that rate.
  double ratio = 0;
  uint64_t versions = 0;   // published
  uint64_t encodings = 0;  // made
  double load = 0;         // the machine's, before
};

// `drover`: this executable, which `bench subscribers` starts stubs with.
absl::StatusOr<WeightsResult> MeasureWeights(const WeightsCase& options, const std::string& drover,
                                             const StopSignal& stop);

}  // namespace drover

#endif  // DROVER_BENCH_WEIGHTS_BENCH_H_
