#ifndef DROVER_BENCH_RUN_SAMPLE_H_
#define DROVER_BENCH_RUN_SAMPLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/process_usage.h"
#include "proto/coordinator.pb.h"

namespace drover {

// A local run at one moment: what its coordinator says, and what its processes use.
struct RunSample {
  struct Process {
    std::string name;  // "learner 0"
    int64_t pid = 0;
    ProcessUsage usage;
  };

  double seconds = 0;  // MonotonicSeconds()
  StatusReply status;
  std::vector<Process> processes;  // coordinator, live members in the table's order, this one
};

// An error: a process is gone.
absl::StatusOr<RunSample> TakeSample(const StatusReply& status);

}  // namespace drover

#endif  // DROVER_BENCH_RUN_SAMPLE_H_
