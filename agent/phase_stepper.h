#ifndef DROVER_AGENT_PHASE_STEPPER_H_
#define DROVER_AGENT_PHASE_STEPPER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "agent/algorithms/algorithm.h"
#include "agent/losses/loss_terms.h"
#include "agent/model/model.h"
#include "agent/update/update_rule.h"

namespace drover {

// Moves the parameters of one phase: from a loss to its gradient, clipped, to a step of the update
// rule; and counts. Owned by a train step.
class PhaseStepper {
 public:
  // Where the time went.
  struct Seconds {
    double forward_backward = 0;
    double optimizer = 0;
  };

  // All outlive this.
  PhaseStepper(const Experiment& config, const Phase& phase, Model* model);

  // Starts a train step: statistics are of what follows.
  void Begin(uint64_t trained_frames);
  // Starts an epoch of it.
  void BeginEpoch();

  // Takes one step against the gradient of loss(), which builds the graph. False: the phase has
  // moved the policy far enough (Update.target_kl). A gradient that is not finite moves nothing.
  template <typename LossFn>
  bool Step(const LossFn& loss) {
    const double start = Now();
    Keep();
    return Finish(loss(), start);
  }

  // The two halves of Step, for those who are apart. Differentiate: the gradient of loss(),
  // clipped, is in the model's afterwards; false: it is not finite. Descend: a step against
  // `gradient` [P], of which the phase's part is read.
  template <typename LossFn>
  bool Differentiate(const LossFn& loss) {
    const double start = Now();
    return Backward(loss(), start);
  }
  void Descend(const at::Tensor& gradient);

  // Runs `body` on this phase's time.
  template <typename Body>
  void Prepare(const Body& body) {
    const double start = Now();
    body();
    seconds_.forward_backward += Now() - start;
  }

  const Phase& phase() const { return phase_; }
  const Model::Range& range() const { return range_; }
  double rate() const { return rate_; }
  int64_t skipped() const { return skipped_; }
  // Means over the steps taken since Begin, by name: each loss term and statistic, "loss",
  // "gradient_norm". Empty: none was taken.
  Statistics Means() const;
  // Of the steps taken since BeginEpoch(); 0: none was taken, or has that statistic.
  double EpochMean(const std::string& name) const;
  const Seconds& seconds() const { return seconds_; }  // totals over all calls
  UpdateRule::NamedTensors State() const { return rule_->State(); }

 private:
  static double Now();
  void Keep();
  bool Backward(const LossTerms& terms, double start);
  bool Finish(const LossTerms& terms, double start);

  const Experiment& config_;
  const Phase& phase_;
  Model* const model_;
  const Model::Range range_;
  std::unique_ptr<UpdateRule> rule_;
  at::Tensor kept_;  // with batch_norm: the phase's part before the step
  Seconds seconds_;
  double rate_ = 0;
  Statistics sums_;
  int64_t steps_ = 0;  // that moved the weights
  // Where the epoch began.
  Statistics epoch_sums_;
  int64_t epoch_steps_ = 0;
  int64_t skipped_ = 0;  // and that did not
};

}  // namespace drover

#endif  // DROVER_AGENT_PHASE_STEPPER_H_
