#ifndef DROVER_LEARNER_TARGET_H_
#define DROVER_LEARNER_TARGET_H_

#include <cstddef>
#include <cstdint>

#include "proto/coordinator.pb.h"
#include "proto/experiment.pb.h"

namespace drover {

// How far a run is, as its learner sees it after a train step.
struct Progress {
  uint64_t episodes = 0;      // training episodes that arrived
  double mean_return = 0;     // of the last TargetWindow() of them
  bool budget_spent = false;  // no further message fits into max_frames, and none is queued
};

// How many training episodes the target's mean covers.
size_t TargetWindow(const Experiment& experiment);

// Whether the learner sees that the run has come to its end: target_reached,
// budget_spent, or unspecified: it goes on. A target of source `evaluator` is
// the coordinator's to judge. The target wins where both hold.
EndReason::Kind Outcome(const Experiment& experiment, const Progress& progress);

}  // namespace drover

#endif  // DROVER_LEARNER_TARGET_H_
