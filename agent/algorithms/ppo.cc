#include "agent/algorithms/ppo.h"

#include <ATen/TensorOperators.h>

#include "agent/coefficient/schedule.h"
#include "agent/losses/advantage.h"
#include "agent/losses/policy_losses.h"
#include "agent/losses/reduction.h"
#include "agent/returns/returns.h"

namespace drover {
namespace {

constexpr char kDefaults[] = R"(
  returns { gamma: 0.99 lambda: 0.95 reward_scale: 1 }
  loss {
    reduction: mean value_coefficient: 0.5 entropy { value: 0 }
    clip { value: 0.2 } value_clip: 0 normalize_advantages: true
  }
  update {
    adam { epsilon: 1e-5 } rate { value: 3e-4 } max_norm: 0.5 epochs: 10 minibatch: 64
    target_kl: 0
  }
)";

TensorMap Targets(const TargetsInput& in) {
  const at::Tensor advantage = GaeAdvantages(in.steps, in.config.returns().lambda());
  return {{"advantage", advantage},
          {"value", advantage + in.steps.value},
          {"old_value", in.steps.value}};
}

at::Tensor ValueTerm(const LossInput& in) {
  const double clip = in.context.config.loss().value_clip();
  const at::Tensor& target = in.targets.at("value");
  if (clip <= 0) return ValueLoss(in.value, target);
  return ClippedValueLoss(in.value, in.targets.at("old_value"), target, clip);
}

LossTerms PpoLoss(const LossInput& in) {
  const Loss& config = in.context.config.loss();
  const Reduce reduce(config.reduction());
  const double epsilon = ValueAt(config.clip(), in.context.trained_frames);
  const at::Tensor log_prob = in.context.distribution.LogProb(in.policy, in.action);
  const at::Tensor log_ratio = log_prob - in.behaviour_log_prob;
  const at::Tensor ratio = log_ratio.exp();
  at::Tensor advantage = in.targets.at("advantage");
  if (config.normalize_advantages()) advantage = NormalizeAdvantage(advantage);

  LossTerms terms;
  terms.Add("policy_loss", reduce(ClippedSurrogateLoss(ratio, advantage, epsilon)));
  terms.Add("value_loss", reduce(ValueTerm(in)), config.value_coefficient());
  terms.Add("entropy", reduce(in.context.distribution.Entropy(in.policy)),
            -ValueAt(config.entropy(), in.context.trained_frames));
  terms.AddStatistic("clip_fraction", ClipFraction(ratio.detach(), epsilon));
  terms.AddStatistic("kl", KlEstimate(log_ratio.detach()).mean());
  return terms;
}

}  // namespace

Algorithm Ppo() {
  return {"ppo",
          "clipped surrogate objective over epochs of minibatches (Schulman et al. 2017)",
          {Topology::impala},
          {kDefaults},
          {{"train", Targets, PpoLoss}}};
}

}  // namespace drover
