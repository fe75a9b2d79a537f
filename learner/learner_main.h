#ifndef DROVER_LEARNER_LEARNER_MAIN_H_
#define DROVER_LEARNER_LEARNER_MAIN_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/model/model.h"
#include "proto/coordinator.pb.h"

namespace drover {

struct LearnerOptions {
  std::string coordinator;  // address: "host:port" or "unix:/path"
  // Where it serves trajectories and weights: "unix:/path", "127.0.0.1:0", …;
  // at least one. All are advertised.
  std::vector<std::string> listen;
  bool insecure = false;  // addresses that other hosts reach are allowed, without any check
  std::string http;       // where /metrics is, as HttpOptions.address; empty: nowhere
  // Goes on from the run's newest good checkpoint, or from the start where
  // there is none. False: a run that has checkpoints is refused.
  bool resume = false;
  // Not empty: `stop` ends this process and not the run. A checkpoint is written, then this is
  // called with how that went, and ends the process; its peers wait for the next learner, as after
  // a death.
  std::function<void(const absl::Status&)> replaced;
  std::function<bool()> stop;  // asked often, from any thread: true ends the run as stopped,
                               // e.g. StopSignal::requested
};

// Evaluates the policy that a run ends with, as experiment.evaluation says.
// `give_up` is asked often: true makes it CANCELLED. The command line passes
// actor/evaluate.h, which the learner does not know.
using FinalEvaluation = std::function<absl::StatusOr<Evaluation>(
    const Model& model, const Experiment& experiment, const std::function<bool()>& give_up)>;

// The whole life of a learner process: serves, registers, trains until the
// target, the budget, the coordinator or `stop` ends it, then drains,
// checkpoints, evaluates and leaves with its last report. OK: it came to its
// end; else why it cannot go on. Sets LibTorch's threads. Blocks.
absl::Status RunLearner(const LearnerOptions& options, const FinalEvaluation& evaluate);

}  // namespace drover

#endif  // DROVER_LEARNER_LEARNER_MAIN_H_
