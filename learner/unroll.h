#ifndef DROVER_LEARNER_UNROLL_H_
#define DROVER_LEARNER_UNROLL_H_

#include <memory>

#include "common/queue.h"
#include "proto/trajectory.pb.h"

namespace drover {

// Messages that were checked and counted, on their way from the trajectory
// receiver to the batch assembler. Its capacity, in messages, is what credits
// allow: max_policy_lag * batch / E.
using UnrollQueue = Queue<std::unique_ptr<Unrolls>>;

}  // namespace drover

#endif  // DROVER_LEARNER_UNROLL_H_
