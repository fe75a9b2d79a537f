#ifndef DROVER_ACTOR_MOMENTS_RECORDER_H_
#define DROVER_ACTOR_MOMENTS_RECORDER_H_

#include <cstdint>

#include "actor/unroll_recorder.h"
#include "agent/normalization/discounted_returns.h"
#include "common/archive.h"
#include "proto/experiment.pb.h"

namespace drover {

// What an actor of a run that normalises tells of its steps: moments of the observations acted on,
// and of the running discounted sums of rewards. An actor's, on its thread.
class MomentsRecorder final : public UnrollRecorder {
 public:
  // `experiment` is resolved, and outlives it.
  explicit MomentsRecorder(const Experiment& experiment);

  void Record(UnrollBuilder* builder) override;
  void SaveOrRestore(Archive* archive) override { returns_.SaveOrRestore(archive); }

 private:
  at::Tensor DiscountedSums(UnrollBuilder* builder);  // [T, E]

  const Experiment& experiment_;
  DiscountedReturns returns_;
};

}  // namespace drover

#endif  // DROVER_ACTOR_MOMENTS_RECORDER_H_
