#ifndef DROVER_BENCH_REPLAY_BENCH_SERVER_H_
#define DROVER_BENCH_REPLAY_BENCH_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"

namespace drover {

struct ReplayBenchServerOptions {
  std::string listen;  // its address
  size_t item_bytes = 400;
  uint32_t capacity = 1'000'000;
};

// A replay server as `drover bench replay` starts it: one prioritized table without a rate limit,
// no coordinator, no checkpoints. Serves until `stop`.
absl::Status RunReplayBenchServer(const ReplayBenchServerOptions& options,
                                  const std::function<bool()>& stop);

}  // namespace drover

#endif  // DROVER_BENCH_REPLAY_BENCH_SERVER_H_
