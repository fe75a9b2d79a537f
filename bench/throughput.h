#ifndef DROVER_BENCH_THROUGHPUT_H_
#define DROVER_BENCH_THROUGHPUT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/run_sample.h"
#include "client/thread_parts.h"

namespace drover {

// How fast a run was between two moments, and where its time went.
struct Throughput {
  using Thread = ThreadShares;
  struct Process {
    std::string name;
    double cores = 0;    // CPU seconds a second
    ProcessUsage usage;  // at the end
  };

  double seconds = 0;  // measured, by the learner's clock
  double frames_per_second = 0;
  double received_frames_per_second = 0;
  double acted_frames_per_second = 0;  // environment steps of the actors, each by its own clock
  double versions_per_second = 0;
  double frames_per_cpu_second = 0;  // of all processes together
  uint32_t batch_unrolls = 0;        // of replay: items
  uint64_t batch_steps = 0;
  double lag_mean = 0;   // over the trained frames, in versions
  uint64_t lag_max = 0;  // since the start of the run
  uint64_t dropped_unrolls = 0;
  double receive_cores = 0;  // of the learner's gRPC threads, in our code
  int cores = 0;             // of this machine
  double load = 0;           // the machine's, of the minute before the run
  std::vector<Thread> threads;
  std::vector<Process> processes;
};

// FAILED_PRECONDITION: they are not of one life of the same processes, or nothing was trained.
absl::StatusOr<Throughput> MeasureBetween(const RunSample& begin, const RunSample& end);

}  // namespace drover

#endif  // DROVER_BENCH_THROUGHPUT_H_
