#ifndef DROVER_DEPLOY_LOCAL_LAUNCHER_H_
#define DROVER_DEPLOY_LOCAL_LAUNCHER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "common/signals.h"
#include "deploy/run_dir.h"
#include "proto/coordinator.pb.h"

namespace drover {

struct LaunchOptions {
  const RunDir* run_dir = nullptr;  // its config is written
  Experiment experiment;            // resolved
  bool resume = false;              // the learner goes on from its newest checkpoint
  std::string drover;               // the two executables
  std::string drover_agent;
};

// Runs a local cluster to its end: coordinator, learner, actors and, where the config asks for one,
// an evaluator, as processes of this machine. Those that die are started again; one that dies five
// times a minute fails the run. `stop` drains it. `on_status` is called a few times a second, on
// this thread. When it returns, however it does, no process is left.
//
// OK: summary.json says how the run ended. An error says what failed and quotes the log.
absl::Status RunLocalCluster(const LaunchOptions& options, const StopSignal& stop,
                             const std::function<void(const StatusReply&)>& on_status);

}  // namespace drover

#endif  // DROVER_DEPLOY_LOCAL_LAUNCHER_H_
