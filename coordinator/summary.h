#ifndef DROVER_COORDINATOR_SUMMARY_H_
#define DROVER_COORDINATOR_SUMMARY_H_

#include <optional>
#include <string>

#include "proto/coordinator.pb.h"

namespace drover {

// What came of a run.
struct Outcome {
  Experiment experiment;  // resolved
  EndReason::Kind end_reason = EndReason::unspecified;
  LearnerReport learner;                // its last
  std::optional<TargetReached> target;  // absent: not reached
};

// The text of summary.json: one JSON object. Keys:
//   name, algorithm, topology, environment, seed   what was run
//   end_reason           "target_reached", "budget_spent", "stopped", "failed"
//   frames               environment steps received by the learner
//   trained_frames       of them, those that went into a gradient
//   updates, version     train steps; newest version of the weights
//   seconds              since the first environment step, until the run drained
//   frames_per_second    frames / seconds; null before the first step
//   episodes, mean_return  training episodes, and the mean return of the last 100 (null: none)
//   eval                 {episodes, mean, std} of the policy the run ended with; or null
//   policy_lag           {mean, max}, in versions, of the trained steps
//   reached_target       bool; frames_to_target, seconds_to_target: null if not
//   dropped_unrolls, rejected_unrolls, refused_streams   faults
//   checkpoint           the last, relative to the run directory; null: none
std::string SummaryJson(const Outcome& outcome);

}  // namespace drover

#endif  // DROVER_COORDINATOR_SUMMARY_H_
