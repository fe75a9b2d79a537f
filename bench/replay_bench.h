#ifndef DROVER_BENCH_REPLAY_BENCH_H_
#define DROVER_BENCH_REPLAY_BENCH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/signals.h"

namespace drover {

// How fast a replay server is for items of one size: the server is a process, each client is
// another, a Unix socket between them.
struct ReplayCase {
  size_t item_bytes = 400;
  uint32_t capacity = 1'000'000;   // items in the table, which is full when it is measured
  std::vector<int> clients = {1};  // each number is measured
  double seconds = 2;              // of each measurement
};

// What clients did together for a while.
struct ReplayRates {
  int writers = 0;
  int learners = 0;
  int updaters = 0;
  double inserts = 0;  // items a second
  double samples = 0;
  double updates = 0;
  double bytes = 0;        // a second, of items, inserts and samples together
  double bare_bytes = 0;   // a second, of one stream of gRPC alone, just before
  double ratio = 0;        // bytes over those
  double cpu_ratio = 0;    // the same for a second of CPU, all processes': others disturb it less
  double server_cpu = 0;   // seconds of CPU a second
  double clients_cpu = 0;  // of all of them together
};

struct ReplayLatency {
  std::string what;  // "insert", "sample", "update": a message, a batch, a call
  double median = 0;
  double p99 = 0;
};

struct ReplayResult {
  std::vector<ReplayRates> rates;
  std::vector<ReplayLatency> latencies;  // of one client, one thing at a time
  size_t items = 0;                      // in a message, a batch, a call
  uint64_t server_bytes = 0;             // that the full server has in memory
  double fill_inserts = 0;               // items a second while it was filled, by one writer
  double load = 0;                       // the machine's, before
};

// `drover`: this executable, which starts the processes.
absl::StatusOr<ReplayResult> MeasureReplay(const ReplayCase& options, const std::string& drover,
                                           const StopSignal& stop);

}  // namespace drover

#endif  // DROVER_BENCH_REPLAY_BENCH_H_
