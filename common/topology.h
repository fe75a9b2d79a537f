#ifndef DROVER_COMMON_TOPOLOGY_H_
#define DROVER_COMMON_TOPOLOGY_H_

#include "proto/experiment.pb.h"

namespace drover {

// What differs between topologies. `experiment` is resolved.

// Whether replay servers stand between actors and learner.
inline bool UsesReplay(const Experiment& experiment) {
  return experiment.topology() == Topology::d4pg;
}

// Whether actors compute gradients, which the learner applies as they come.
inline bool PushesGradients(const Experiment& experiment) {
  return experiment.topology() == Topology::a3c;
}

}  // namespace drover

#endif  // DROVER_COMMON_TOPOLOGY_H_
