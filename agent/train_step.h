#ifndef DROVER_AGENT_TRAIN_STEP_H_
#define DROVER_AGENT_TRAIN_STEP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/algorithms/algorithm.h"
#include "agent/batch.h"
#include "agent/forward.h"
#include "agent/model/model.h"
#include "agent/normalizer.h"
#include "agent/phase_stepper.h"
#include "agent/target_networks.h"
#include "agent/update/update_rule.h"
#include "common/moments.h"

namespace drover {

// The one train step that all algorithms share: each phase computes its
// targets once, then runs its epochs and minibatches through loss, gradient
// and update rule; then target networks follow. One call makes one version of the weights.
//
// Owned by the learner and called from its thread; moves `model` in place.
// Pure of I/O. What it draws at random (minibatches, noise) depends on the run's
// seed and `update` alone, so a resumed run draws the same.
class TrainStep {
 public:
  using Seconds = PhaseStepper::Seconds;

  // `config` is resolved; config, algorithm and model outlive this.
  TrainStep(const Experiment& config, const Algorithm& algorithm, Model* model);

  // Learns from `batch`, as the run's step number `update`, 1 or more. `trained_frames` went into
  // gradients before; it moves the schedules. Returns by name means over the
  // minibatches that moved the weights: each loss term and statistic, "loss",
  // "gradient_norm" ("<phase>_loss", … where there are several phases); and "rate". A gradient
  // that is not finite moves nothing and counts as "skipped"; where all did, there are no means.
  Statistics Run(const Batch& batch, uint64_t update, uint64_t trained_frames);

  // The two halves of Run, for topology a3c, whose phases learn from unrolls in one pass over the
  // batch (agent/resolve.h sees to it). First, where the experience is:
  struct Gradient {
    at::Tensor values;      // [P], clipped phase by phase; not finite: NaN throughout
    Statistics statistics;  // as Run's, but for "rate"
  };
  Gradient Differentiate(const Batch& batch, uint64_t trained_frames);
  // Then, where the optimiser's state is: moves the model against `gradient` [P], all of it finite.
  // Returns what Differentiate could not know, "rate".
  Statistics Apply(const at::Tensor& gradient, uint64_t trained_frames);

  // Adds what was seen in the steps of the batch, or the gradient, that went before: from the next
  // on the model normalises by that too.
  void Count(const std::vector<SeenMoments>& seen) { normalizer_.Add(seen); }

  // [B] what prioritized replay should know of the last batch; undefined: nothing.
  const at::Tensor& priority() const { return priority_; }

  Seconds seconds() const;  // totals over all calls

  // The optimisers' state, the target networks and what normalisation has seen by name, for
  // checkpoints. Views: copy before the next Run.
  UpdateRule::NamedTensors State() const;
  // INVALID_ARGUMENT if a name or shape is not what State() has.
  absl::Status Load(const UpdateRule::NamedTensors& state);

 private:
  LossContext Context(uint64_t trained_frames) const;
  LossTerms LossOf(const Phase& phase, const Batch& batch, const LossContext& context);
  BatchOutput ForwardOnly(const Batch& batch) const;
  TensorMap Targets(const Phase& phase, const Batch& batch, const BatchOutput& output);
  void RunOnce(PhaseStepper* phase, const Batch& batch, const LossContext& context);
  void RunEpochs(PhaseStepper* phase, const Batch& batch, const LossContext& context,
                 uint64_t update);
  void RunOnUnrolls(const Batch& batch, const LossContext& context, uint64_t update);
  void RunOnTransitions(const Batch& batch, const LossContext& context, uint64_t update);
  void AdaptCoefficients();
  Statistics Means() const;

  const Experiment& config_;
  const Algorithm& algorithm_;
  Model* const model_;
  std::vector<PhaseStepper> phases_;
  std::optional<TargetNetworks> target_;
  Normalizer normalizer_;
  at::Tensor kl_beta_;  // [] float64
  at::Tensor priority_;
};

}  // namespace drover

#endif  // DROVER_AGENT_TRAIN_STEP_H_
