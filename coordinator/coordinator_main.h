#ifndef DROVER_COORDINATOR_COORDINATOR_MAIN_H_
#define DROVER_COORDINATOR_COORDINATOR_MAIN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/run_address.h"
#include "common/signals.h"
#include "proto/coordinator.pb.h"

namespace drover {

// Files of a run directory that the coordinator reads or writes, besides kAddressFile.
constexpr char kConfigFile[] = "config.textproto";  // Experiment, resolved; read
constexpr char kSpecFile[] = "spec.textproto";      // Spec; read
constexpr char kMetricsFile[] = "metrics.jsonl";    // coordinator/metrics_log.h
constexpr char kSummaryFile[] = "summary.json";     // coordinator/summary.h

struct CoordinatorOptions {
  std::string run_dir;
  // "unix:/path", "127.0.0.1:0", …; at least one.
  std::vector<std::string> listen;
  bool insecure = false;  // also on addresses that other hosts reach
  std::string http;       // the dashboard: as HttpOptions.address; empty: none
  bool stay = false;      // goes on answering once the run has ended, until `stop`
  // `stop` ends this process and not the run: a scheduler starts another one in its place.
  bool replaceable = false;
};

// The coordinator process: serves until the run has ended and its members have left (at most 10 s
// later), and writes metrics.jsonl and summary.json. `stop` drains the run, as the Stop call does.
// One that was killed goes on where it was, with the same members, when it is started again
// (coordinator/run_memory.h). Returns why the run ended; unspecified: it goes on. NOT_FOUND,
// INVALID_ARGUMENT, DATA_LOSS: the run directory or an address is not usable; FAILED_PRECONDITION:
// another coordinator serves it; nothing was started.
absl::StatusOr<EndReason::Kind> RunCoordinator(const CoordinatorOptions& options,
                                               const StopSignal& stop);

}  // namespace drover

#endif  // DROVER_COORDINATOR_COORDINATOR_MAIN_H_
