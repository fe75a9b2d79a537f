#ifndef DROVER_AGENT_COEFFICIENT_SCHEDULE_H_
#define DROVER_AGENT_COEFFICIENT_SCHEDULE_H_

#include <cstdint>

#include "proto/experiment.pb.h"

namespace drover {

// The value of a resolved Coefficient after `trained_frames` went into
// gradients: from value to final on a line over `frames`, then final.
double ValueAt(const Coefficient& coefficient, uint64_t trained_frames);

}  // namespace drover

#endif  // DROVER_AGENT_COEFFICIENT_SCHEDULE_H_
