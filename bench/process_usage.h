#ifndef DROVER_BENCH_PROCESS_USAGE_H_
#define DROVER_BENCH_PROCESS_USAGE_H_

#include <sys/types.h>

#include <cstdint>

#include "absl/status/statusor.h"

namespace drover {

// What a process has of the machine, as /proc says.
struct ProcessUsage {
  double cpu_seconds = 0;       // user and system time of all its threads, since its start
  uint64_t resident_bytes = 0;  // in memory, pages shared with others included
  uint64_t private_bytes = 0;   // Private_Dirty: what would be free if it ended
};

// NOT_FOUND: there is no such process.
absl::StatusOr<ProcessUsage> ReadProcessUsage(pid_t pid);

// How busy the machine was in the last minute: processes that ran or would have. -1: not known.
double LoadAverage();

}  // namespace drover

#endif  // DROVER_BENCH_PROCESS_USAGE_H_
