#include "agent/algorithms/sac.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include "agent/algorithms/ddpg.h"
#include "agent/distributions/action_scale.h"
#include "agent/losses/policy_losses.h"
#include "agent/losses/sac_losses.h"
#include "agent/returns/q_targets.h"

namespace drover {
namespace {

constexpr char kDefaults[] = R"(
  model { policy: squashed_gaussian critics { count: 2 value: false } temperature: 0.2 }
  exploration { noise: none uniform_frames: 100 }
)";

constexpr char kAutoDefaults[] = R"(
  model { temperature: 1 }
  loss { target_entropy: 0 }
)";

// An action of the newest policy, with gradients to it.
Distribution::Draw Act(const ReplayLossInput& in, const at::Tensor& observation) {
  return in.context.distribution.Reparameterize(in.model.Policy(observation),
                                                in.noise->NormalLike(in.step.action));
}

at::Tensor Temperature(const Model& model) { return model.log_temperature().detach().exp(); }

// What a state is worth to the policy, by the critics of a model.
at::Tensor Worth(const ReplayLossInput& in, const Model& critics, const at::Tensor& x) {
  const Distribution::Draw draw = Act(in, x);
  return SoftValue(LeastQ(critics, x, draw.action), draw.log_prob, Temperature(in.model));
}

LossTerms TrainCritics(const ReplayLossInput& in) {
  at::Tensor target;
  {
    const at::NoGradGuard no_grad;
    const at::Tensor& x = in.step.next_observation;
    const bool value = in.context.config.model().critics().value();
    target = TdTarget(in.step.reward, in.step.discount,
                      value ? in.target.Value(x) : Worth(in, in.target, x));
  }
  return CriticLoss(in, target);
}

LossTerms TrainValue(const ReplayLossInput& in) {
  at::Tensor target;
  {
    const at::NoGradGuard no_grad;
    target = Worth(in, in.model, in.step.observation);
  }
  LossTerms terms;
  const at::Tensor loss = ValueLoss(in.model.Value(in.step.observation), target);
  terms.Add("value_loss", (in.step.weight * loss).mean());
  return terms;
}

LossTerms TrainPolicy(const ReplayLossInput& in) {
  const Distribution::Draw draw = Act(in, in.step.observation);
  const at::Tensor q = LeastFrozenQ(in.model, in.step.observation, draw.action);
  LossTerms terms;
  terms.Add("policy_loss", SoftPolicyLoss(q, draw.log_prob, Temperature(in.model)).mean());
  terms.AddStatistic("entropy", -draw.log_prob.detach().mean());
  return terms;
}

LossTerms TrainTemperature(const ReplayLossInput& in) {
  at::Tensor log_prob;  // of actions in [-1, 1], whatever the environment's units
  {
    const at::NoGradGuard no_grad;
    log_prob =
        Act(in, in.step.observation).log_prob + ActionScale(in.model.action_space()).log_volume();
  }
  LossTerms terms;
  terms.Add("temperature_loss", TemperatureLoss(in.model.log_temperature(), log_prob,
                                                in.context.config.loss().target_entropy())
                                    .mean());
  terms.AddStatistic("temperature", Temperature(in.model));
  return terms;
}

}  // namespace

Algorithm Sac() {
  Algorithm sac = Ddpg();
  sac.name = "sac";
  sac.summary = "soft actor-critic with a fixed temperature (Haarnoja et al. 2018)";
  sac.defaults.push_back(kDefaults);
  sac.phases = {TransitionPhase("critic", TrainCritics, ParameterGroup::kCritic),
                TransitionPhase("value", TrainValue, ParameterGroup::kValue),
                TransitionPhase("policy", TrainPolicy, ParameterGroup::kPolicy)};
  sac.policies = {PolicyHead::squashed_gaussian};
  return sac;
}

Algorithm SacAuto() {
  Algorithm sac = Sac();
  sac.name = "sac_auto";
  sac.summary = "SAC with a learned temperature (Haarnoja et al. 2018b)";
  sac.defaults.push_back(kAutoDefaults);
  sac.phases.push_back(
      TransitionPhase("temperature", TrainTemperature, ParameterGroup::kTemperature));
  return sac;
}

}  // namespace drover
