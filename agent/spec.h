#ifndef DROVER_AGENT_SPEC_H_
#define DROVER_AGENT_SPEC_H_

#include "env/spec.h"
#include "proto/experiment.pb.h"
#include "proto/spec.pb.h"

namespace drover {

// The leaves of a run's trajectories, in this order:
//   observation        per_observation  float32, the environment's shape
//   action             per_step         int32 [] (discrete) or float32 [D]
//   log_prob           per_step         float32 []: log μ(a|x)
//   reward             per_step         float32 []
//   end                per_step         uint8 []: an End (env/environment.h)
//   final_observation  sparse           as observation: where an episode was truncated
//   state              per_unroll       float32 [S]: what the model remembers at the first step,
//                                       where it has a memory (agent/model/recurrent_core.h)
// `experiment` is resolved.
Spec MakeSpec(const Experiment& experiment, const EnvironmentSpec& environment);

}  // namespace drover

#endif  // DROVER_AGENT_SPEC_H_
