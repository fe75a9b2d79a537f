#ifndef DROVER_DEPLOY_LAUNCHER_H_
#define DROVER_DEPLOY_LAUNCHER_H_

#include <functional>

#include "absl/status/status.h"
#include "common/signals.h"
#include "deploy/engine.h"
#include "proto/coordinator.pb.h"

namespace drover {

// Runs a cluster to its end: has the engine keep what the coordinator wants, from nothing at first,
// or from what an earlier launcher left there. `stop` drains the run. `on_status` is called a few
// times a second, on this thread. When it returns, however it does, no process of the run is left.
//
// OK: summary.json says how the run ended. An error says what failed and quotes the log.
absl::Status RunCluster(Engine* engine, const Placement& placement, const StopSignal& stop,
                        const std::function<void(const StatusReply&)>& on_status);

}  // namespace drover

#endif  // DROVER_DEPLOY_LAUNCHER_H_
