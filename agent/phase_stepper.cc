#include "agent/phase_stepper.h"

#include <ATen/core/Tensor.h>

#include <cmath>

#include "agent/coefficient/schedule.h"
#include "agent/update/global_norm.h"
#include "common/clock.h"

namespace drover {
namespace {

at::Tensor Part(const at::Tensor& flat, const Model::Range& range) {
  return flat.narrow(0, range.begin, range.size);
}

const Coefficient& Rate(const Update& config, ParameterGroup group) {
  return group == ParameterGroup::kPolicy && config.has_policy_rate() ? config.policy_rate()
                                                                      : config.rate();
}

}  // namespace

PhaseStepper::PhaseStepper(const Experiment& config, const Phase& phase, Model* model)
    : config_(config),
      phase_(phase),
      model_(model),
      range_(model->range(phase.group)),
      rule_(MakeUpdateRule(config.update(), Part(model->parameters().values(), range_))) {}

double PhaseStepper::Now() { return MonotonicSeconds(); }

void PhaseStepper::Begin(uint64_t trained_frames) {
  sums_.clear();
  steps_ = 0;
  skipped_ = 0;
  rate_ = ValueAt(Rate(config_.update(), phase_.group), trained_frames);
  BeginEpoch();
}

void PhaseStepper::BeginEpoch() {
  epoch_sums_ = sums_;
  epoch_steps_ = steps_;
}

// A forward pass moves running means, before anyone knows whether they are finite.
void PhaseStepper::Keep() {
  if (config_.model().batch_norm()) kept_ = Part(model_->parameters().values(), range_).clone();
}

bool PhaseStepper::Backward(const LossTerms& terms, double start) {
  const at::Tensor gradient = Part(model_->parameters().gradient(), range_);
  const at::Tensor loss = terms.Total();
  model_->parameters().gradient().zero_();
  loss.backward();
  const double norm = ClipGlobalNorm(config_.update().max_norm(), gradient);
  seconds_.forward_backward += Now() - start;

  if (!std::isfinite(norm)) {
    ++skipped_;
    return false;
  }
  ++steps_;
  sums_["loss"] += loss.item<double>();
  sums_["gradient_norm"] += norm;
  for (const auto& [name, value] : terms.values()) sums_[name] += value.item<double>();
  return true;
}

void PhaseStepper::Descend(const at::Tensor& gradient) {
  const double start = Now();
  rule_->Apply(Part(model_->parameters().values(), range_), Part(gradient, range_), rate_);
  seconds_.optimizer += Now() - start;
}

bool PhaseStepper::Finish(const LossTerms& terms, double start) {
  if (!Backward(terms, start)) {
    if (kept_.defined()) Part(model_->parameters().values(), range_).copy_(kept_);
    return true;
  }
  Descend(model_->parameters().gradient());
  const double kl_limit = config_.update().target_kl();
  return kl_limit <= 0 || terms.Value("kl") <= kl_limit;
}

Statistics PhaseStepper::Means() const {
  Statistics means = sums_;
  for (auto& [name, sum] : means) sum /= static_cast<double>(steps_);
  return means;
}

double PhaseStepper::EpochMean(const std::string& name) const {
  const auto sum = sums_.find(name);
  if (sum == sums_.end() || steps_ == epoch_steps_) return 0;
  const auto before = epoch_sums_.find(name);
  const double since = sum->second - (before == epoch_sums_.end() ? 0 : before->second);
  return since / static_cast<double>(steps_ - epoch_steps_);
}

}  // namespace drover
