#ifndef DROVER_REPLAY_REPLAY_MAIN_H_
#define DROVER_REPLAY_REPLAY_MAIN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace drover {

struct ReplayOptions {
  std::string coordinator;  // address: "host:port" or "unix:/path"
  // Where it serves: "unix:/path", "127.0.0.1:0", …; at least one. All are advertised.
  std::vector<std::string> listen;
  bool insecure = false;       // addresses that other hosts reach are allowed, without any check
  std::string http;            // where /metrics is, as HttpOptions.address; empty: nowhere
  uint32_t index = 0;          // which shard it is: 0 … shards - 1
  std::function<bool()> stop;  // asked often, from any thread: true ends it well,
                               // e.g. StopSignal::requested
  // Called, if not empty, once everything is saved and said. A process may exit in it: gRPC takes
  // up to 10 s to let go of connections over which much was sent.
  std::function<void(const absl::Status& status)> left;
};

// The whole life of a replay server process: serves, registers, restores its
// newest checkpoint (where Replay.durability is snapshot), serves its tables
// and writes checkpoints until the run drains or `stop`; then writes the last
// one and leaves. Its checkpoints are in <run directory>/replay/<index>.
// OK: it came to its end; else why it cannot go on. Blocks.
absl::Status RunReplay(const ReplayOptions& options);

}  // namespace drover

#endif  // DROVER_REPLAY_REPLAY_MAIN_H_
