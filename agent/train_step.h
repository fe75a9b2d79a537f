#ifndef DROVER_AGENT_TRAIN_STEP_H_
#define DROVER_AGENT_TRAIN_STEP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/algorithms/algorithm.h"
#include "agent/batch.h"
#include "agent/forward.h"
#include "agent/model/model.h"
#include "agent/update/update_rule.h"

namespace drover {

// The one train step that all algorithms share: each phase computes its
// targets once, then runs its epochs and minibatches through loss, gradient
// and update rule. One call makes one version of the weights.
//
// Owned by the learner and called from its thread; moves `model` in place.
// Pure of I/O. What it draws at random (the minibatches) depends on the run's
// seed and `update` alone, so a resumed run draws the same.
class TrainStep {
 public:
  // Where the time of a step went.
  struct Seconds {
    double forward_backward = 0;
    double optimizer = 0;
  };

  // `config` is resolved; config, algorithm and model outlive this.
  TrainStep(const Experiment& config, const Algorithm& algorithm, Model* model);

  // Learns from `batch`, as the run's step number `update`. `trained_frames` went into
  // gradients before; it moves the schedules. Returns by name means over the
  // minibatches that moved the weights: each loss term and statistic, "loss",
  // "gradient_norm"; and "rate". A gradient that is not finite moves nothing
  // and counts as "skipped"; where all did, there are no means.
  Statistics Run(const Batch& batch, uint64_t update, uint64_t trained_frames);

  const Seconds& seconds() const { return seconds_; }  // totals over all calls

  // The optimisers' state by name, for checkpoints. Views: copy before the next Run.
  UpdateRule::NamedTensors State() const;
  // INVALID_ARGUMENT if a name or shape is not what State() has.
  absl::Status Load(const UpdateRule::NamedTensors& state);

 private:
  BatchOutput ForwardOnly(const Batch& batch) const;
  TensorMap Targets(const Phase& phase, const Batch& batch, const BatchOutput& output);
  void RunOnce(const Phase& phase, UpdateRule* rule, const Batch& batch,
               const LossContext& context);
  void RunEpochs(const Phase& phase, UpdateRule* rule, const Batch& batch,
                 const LossContext& context, uint64_t update);
  // False: the phase has moved the policy far enough (Update.target_kl).
  bool TakeStep(const Phase& phase, UpdateRule* rule, const LossInput& input);

  const Experiment& config_;
  const Algorithm& algorithm_;
  Model* const model_;
  std::vector<std::unique_ptr<UpdateRule>> rules_;  // one a phase
  Seconds seconds_;

  // Of the Run under way.
  Statistics sums_;
  int64_t steps_ = 0;    // minibatches that moved the weights
  int64_t skipped_ = 0;  // and that did not
  double rate_ = 0;
};

}  // namespace drover

#endif  // DROVER_AGENT_TRAIN_STEP_H_
