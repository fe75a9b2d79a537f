#ifndef DROVER_ACTOR_ACTOR_MAIN_H_
#define DROVER_ACTOR_ACTOR_MAIN_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"

namespace drover {

struct ActorOptions {
  std::string coordinator;     // address: "host:port" or "unix:/path"
  uint32_t index = 0;          // among the run's actors, or evaluators: 0, 1, …
  bool any_index = false;      // of an actor: the coordinator gives one
  std::function<bool()> stop;  // asked often, from any thread: true ends the process's work,
                               // e.g. StopSignal::requested
};

// The whole life of an actor process: registers, learns from the coordinator
// what the run is, connects to the learner, acts until the run drains or
// `stop`, and leaves. OK: it came to its end; else why it cannot go on.
// Sets LibTorch's threads to one. Blocks.
absl::Status RunActor(const ActorOptions& options);

// As above, for a process that plays greedily with the newest weights every
// evaluation.every_frames frames and reports the returns.
absl::Status RunEvaluator(const ActorOptions& options);

}  // namespace drover

#endif  // DROVER_ACTOR_ACTOR_MAIN_H_
