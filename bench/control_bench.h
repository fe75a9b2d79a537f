#ifndef DROVER_BENCH_CONTROL_BENCH_H_
#define DROVER_BENCH_CONTROL_BENCH_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "bench/dashboard_viewer.h"
#include "common/signals.h"
#include "proto/coordinator.pb.h"

namespace drover {

// What holding a large run together costs: a real coordinator, over TCP, with a dashboard that
// somebody watches, and members that speak its protocol from a few processes
// (bench/control_stub.h).
struct ControlCase {
  int actors = 1000;
  int processes = 4;    // that stand for them
  double seconds = 30;  // measured, from when all are there
};

struct ControlResult {
  double joined_seconds = 0;       // from the first process's start until all are there
  double coordinator_cores = 0;    // in use, mean
  uint64_t coordinator_bytes = 0;  // resident, at most
  double stub_cores = 0;           // in use, of all the others
  uint64_t lost = 0;               // members that were fenced, while measured or before
  DashboardViewer::Seen dashboard;
  double load = 0;  // the machine's, before
};

// `plan`: of the run that it is said to be; `drover`: this executable.
absl::StatusOr<ControlResult> MeasureControl(const ControlCase& options, const Plan& plan,
                                             const std::string& drover, const StopSignal& stop);

}  // namespace drover

#endif  // DROVER_BENCH_CONTROL_BENCH_H_
