#ifndef DROVER_CLIENT_IDENTITY_H_
#define DROVER_CLIENT_IDENTITY_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "proto/coordinator.pb.h"

namespace drover {

// Who a process is in its run: what it says first on each of its streams. A
// process that was fenced gets a new epoch, so streams ask for it each time
// they connect.
struct Identity {
  std::string run_id;
  uint64_t member_id = 0;
  uint64_t epoch = 0;
  uint64_t table_version = 0;  // of the member table that lists this epoch
};

// How a stream learns who it is. Called from the stream's thread.
using IdentityFn = std::function<Identity()>;

// How a stream finds its server: the newest one's address, waiting for one at
// most as long as said. UNAVAILABLE: there is none yet. Called from the stream's thread.
using PeerFn = std::function<absl::StatusOr<Endpoint>(std::chrono::milliseconds)>;

}  // namespace drover

#endif  // DROVER_CLIENT_IDENTITY_H_
