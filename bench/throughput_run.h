#ifndef DROVER_BENCH_THROUGHPUT_RUN_H_
#define DROVER_BENCH_THROUGHPUT_RUN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/throughput.h"
#include "common/signals.h"
#include "proto/coordinator.pb.h"

namespace drover {

struct ThroughputOptions {
  Plan plan;            // resolved
  double warmup = 5;    // seconds after the first environment step that are not measured
  double seconds = 10;  // that are
  std::string drover;   // the two executables
  std::string drover_agent;
  bool tcp = false;   // experience and weights go over TCP on loopback, not over sockets
  std::string certs;  // with TLS and these certificates; empty: openly
};

// Learner's and coordinator's resident memory as a run goes on.
struct MemoryPoint {
  double seconds = 0;  // since the first environment step
  uint64_t learner = 0;
  uint64_t coordinator = 0;
};

struct ThroughputRun {
  Throughput throughput;
  std::vector<MemoryPoint> memory;  // each 10 s, and at the end
};

// The plan without target, evaluations and, for all that anyone measures, budget. What schedules
// follow from the budget stays as resolved.
Plan EndlessPlan(Plan plan);

// Runs a cluster of this machine's processes, as `drover train` does, for as long as measuring
// takes. Its files are in `run_dir`, a new directory, or where that is empty in one that goes when
// it is over. An error: it could not be measured to the end, or `stop` came.
absl::StatusOr<ThroughputRun> RunThroughput(const ThroughputOptions& options,
                                            const std::string& run_dir, const StopSignal& stop);

}  // namespace drover

#endif  // DROVER_BENCH_THROUGHPUT_RUN_H_
