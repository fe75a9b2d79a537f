#ifndef DROVER_COMMON_TOPOLOGY_H_
#define DROVER_COMMON_TOPOLOGY_H_

#include "proto/experiment.pb.h"

namespace drover {

// Whether replay servers stand between actors and learner. `experiment` is resolved.
inline bool UsesReplay(const Experiment& experiment) {
  return experiment.topology() == Topology::d4pg;
}

}  // namespace drover

#endif  // DROVER_COMMON_TOPOLOGY_H_
