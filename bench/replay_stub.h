#ifndef DROVER_BENCH_REPLAY_STUB_H_
#define DROVER_BENCH_REPLAY_STUB_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The clients' side of `drover bench replay`: a process that stands for an actor or a learner.
namespace drover {

struct ReplayStubOptions {
  std::string server;  // its address
  size_t item_bytes = 400;
  uint64_t client = 0;  // 0, 1, … among those of its kind
};

// Does one thing as fast as it can until `stop`, or until something fails.
absl::Status InsertReplay(const ReplayStubOptions& options, const std::function<bool()>& stop);
absl::Status SampleReplay(const ReplayStubOptions& options, const std::function<bool()>& stop);
// New priorities, of items that it samples first.
absl::Status UpdateReplay(const ReplayStubOptions& options, const std::function<bool()>& stop);

// One message, one batch, one call of as many priorities after the other, each waited for, for
// `seconds`: three lines "insert MEDIAN P99", "sample …", "update …", in seconds.
absl::StatusOr<std::string> MeasureReplayLatency(const ReplayStubOptions& options, double seconds);

}  // namespace drover

#endif  // DROVER_BENCH_REPLAY_STUB_H_
