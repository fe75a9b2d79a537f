#ifndef DROVER_LEARNER_UNROLL_H_
#define DROVER_LEARNER_UNROLL_H_

#include <cstdint>
#include <memory>

#include "common/queue.h"
#include "proto/trajectory.pb.h"

namespace drover {

// A message that was checked and counted, on its way from the trajectory receiver to the batch
// assembler.
struct QueuedUnrolls {
  std::unique_ptr<Unrolls> message;
  int64_t batch = 0;  // B: unrolls of the batch that it begins
};

// Its capacity, in messages, is what credits allow: max_policy_lag * batch / E.
using UnrollQueue = Queue<QueuedUnrolls>;

}  // namespace drover

#endif  // DROVER_LEARNER_UNROLL_H_
