#include "agent/algorithms/ppo.h"

#include <ATen/TensorOperators.h>

#include "agent/algorithms/policy_gradient.h"
#include "agent/coefficient/schedule.h"
#include "agent/losses/advantage.h"
#include "agent/losses/policy_losses.h"
#include "agent/returns/returns.h"

namespace drover {
namespace {

constexpr char kDefaults[] = R"(
  returns { gamma: 0.99 lambda: 0.95 reward_scale: 1 }
  loss {
    reduction: mean value_coefficient: 0.5 entropy { value: 0 }
    value_clip: 0 normalize_advantages: true
  }
  update {
    adam { epsilon: 1e-5 } rate { value: 3e-4 } max_norm: 0.5 epochs: 10 minibatch: 64
    target_kl: 0
  }
)";

constexpr char kClipDefaults[] = "loss { clip { value: 0.2 } }";
constexpr char kKlDefaults[] = "loss { kl { beta: 1 target: 0.01 direction: forward } }";

TensorMap Targets(const TargetsInput& in) {
  const at::Tensor advantage = GaeAdvantages(in.steps, in.config.returns().lambda());
  return {{"advantage", advantage},
          {"value", advantage + in.steps.value},
          {"old_value", in.steps.value},
          {"old_policy", in.policy}};
}

at::Tensor ValueTerm(const LossInput& in) {
  const double clip = in.context.config.loss().value_clip();
  const at::Tensor& target = in.targets.at("value");
  if (clip <= 0) return ValueLoss(in.value, target);
  return ClippedValueLoss(in.value, in.targets.at("old_value"), target, clip);
}

// What moves the policy: ratios to what acted, and advantages.
struct Surrogate {
  at::Tensor log_ratio;  // [M]
  at::Tensor ratio;
  at::Tensor advantage;
};

Surrogate SurrogateOf(const LossInput& in) {
  const at::Tensor log_prob = in.context.distribution.LogProb(in.policy, in.action);
  const at::Tensor log_ratio = log_prob - in.behaviour_log_prob;
  at::Tensor advantage = in.targets.at("advantage");
  if (in.context.config.loss().normalize_advantages()) advantage = NormalizeAdvantage(advantage);
  return {log_ratio, log_ratio.exp(), advantage};
}

void AddValueAndEntropy(const LossInput& in, LossTerms* terms) {
  terms->Add("value_loss", ReduceOf(in)(ValueTerm(in)),
             in.context.config.loss().value_coefficient());
  AddEntropy(in, terms);
}

LossTerms ClipLoss(const LossInput& in) {
  const double epsilon = ValueAt(in.context.config.loss().clip(), in.context.trained_frames);
  const Surrogate surrogate = SurrogateOf(in);
  LossTerms terms;
  terms.Add("policy_loss",
            ReduceOf(in)(ClippedSurrogateLoss(surrogate.ratio, surrogate.advantage, epsilon)));
  AddValueAndEntropy(in, &terms);
  terms.AddStatistic("clip_fraction", ClipFraction(surrogate.ratio.detach(), epsilon));
  terms.AddStatistic("kl", KlEstimate(surrogate.log_ratio.detach()).mean());
  return terms;
}

LossTerms KlLoss(const LossInput& in) {
  const bool reverse = in.context.config.loss().kl().direction() == KlPenalty::Direction::reverse;
  const at::Tensor& old = in.targets.at("old_policy");
  const Surrogate surrogate = SurrogateOf(in);
  const Distribution& distribution = in.context.distribution;
  const at::Tensor kl = reverse ? distribution.Kl(in.policy, old) : distribution.Kl(old, in.policy);
  LossTerms terms;
  terms.Add("policy_loss", ReduceOf(in)(SurrogateLoss(surrogate.ratio, surrogate.advantage)));
  terms.Add("kl_penalty", ReduceOf(in)(kl), in.context.kl_beta);
  AddValueAndEntropy(in, &terms);
  terms.AddStatistic("kl", kl.detach().mean());
  return terms;
}

}  // namespace

Algorithm Ppo() {
  return {"ppo",
          "clipped surrogate objective over epochs of minibatches (Schulman et al. 2017)",
          {Topology::impala, Topology::a2c},
          {kDefaults, kClipDefaults},
          {{"train", Targets, ClipLoss}}};
}

Algorithm PpoKl() {
  Algorithm ppo_kl = Ppo();
  ppo_kl.name = "ppo_kl";
  ppo_kl.summary = "PPO with a penalty on KL, adaptive or fixed (Schulman et al. 2017)";
  ppo_kl.defaults.back() = kKlDefaults;
  ppo_kl.phases[0].loss = KlLoss;
  return ppo_kl;
}

}  // namespace drover
