#include "agent/algorithms/ddpg.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/minimum.h>

#include "agent/distributions/action_scale.h"
#include "agent/losses/policy_losses.h"
#include "agent/returns/q_targets.h"

namespace drover {
namespace {

constexpr char kDefaults[] = R"(
  learner { batch: 256 }
  model {
    layers: 256 layers: 256 activation: relu policy: deterministic batch_norm: false
    critics { count: 1 }
  }
  returns { gamma: 0.99 reward_scale: 1 n_step: 1 }
  loss { priority_beta { value: 0 } raw_priority_weights: false }
  update { adam {} rate { value: 1e-3 } policy_rate {} max_norm: 0 policy_every: 1 }
  target_networks { tau: 0.005 every: 1 }
  exploration { noise: gaussian sigma: 0.1 uniform_frames: 1000 }
  replay { tables { name: "replay" } }
)";

constexpr char kTd3Defaults[] = R"(
  model { critics { count: 2 } }
  loss { target_noise: 0.2 target_noise_clip: 0.5 }
  update { policy_every: 2 }
  target_networks { every: 2 }
)";

// μ'(x'), with the noise of TD3 where the config has it.
at::Tensor NextAction(const ReplayLossInput& in) {
  const Loss& config = in.context.config.loss();
  const at::Tensor policy = in.target.Policy(in.step.next_observation);
  const at::Tensor action = in.context.distribution.Mode(policy);
  if (config.target_noise() <= 0) return action;
  return SmoothedAction(ActionScale(in.model.action_space()), action, in.noise->NormalLike(action),
                        config.target_noise(), config.target_noise_clip());
}

LossTerms TrainCritics(const ReplayLossInput& in) {
  at::Tensor target;
  {
    const at::NoGradGuard no_grad;
    const at::Tensor next = LeastQ(in.target, in.step.next_observation, NextAction(in));
    target = TdTarget(in.step.reward, in.step.discount, next);
  }
  return CriticLoss(in, target);
}

LossTerms TrainPolicy(const ReplayLossInput& in) {
  const at::Tensor& x = in.step.observation;
  LossTerms terms;
  terms.Add("policy_loss", -in.model.FrozenQ(0, x, GreedyAction(in, x)).mean());
  return terms;
}

template <typename QFn>
at::Tensor Least(const Model& model, const QFn& q) {
  at::Tensor least = q(0);
  for (size_t i = 1; i < model.critics(); ++i) least = at::minimum(least, q(i));
  return least;
}

}  // namespace

at::Tensor GreedyAction(const ReplayLossInput& in, const at::Tensor& observation) {
  return in.context.distribution.Reparameterize(in.model.Policy(observation), {}).action;
}

LossTerms CriticLoss(const ReplayLossInput& in, const at::Tensor& target) {
  LossTerms terms;
  for (size_t i = 0; i < in.model.critics(); ++i) {
    const at::Tensor q = in.model.Q(i, in.step.observation, in.step.action);
    terms.Add("critic" + std::to_string(i) + "_loss",
              (in.step.weight * ValueLoss(q, target)).mean());
    if (i == 0) *in.priority = (q.detach() - target).abs();
  }
  terms.AddStatistic("q", target.mean());
  return terms;
}

at::Tensor LeastQ(const Model& model, const at::Tensor& observation, const at::Tensor& action) {
  return Least(model, [&](size_t i) { return model.Q(i, observation, action); });
}

at::Tensor LeastFrozenQ(const Model& model, const at::Tensor& observation,
                        const at::Tensor& action) {
  return Least(model, [&](size_t i) { return model.FrozenQ(i, observation, action); });
}

Algorithm Ddpg() {
  return {"ddpg",
          "deterministic policy gradient with replay and target networks (Lillicrap et al. 2016)",
          {Topology::d4pg},
          {kDefaults},
          {TransitionPhase("critic", TrainCritics, ParameterGroup::kCritic),
           TransitionPhase("policy", TrainPolicy, ParameterGroup::kPolicy)},
          {PolicyHead::deterministic}};
}

Algorithm Td3() {
  Algorithm td3 = Ddpg();
  td3.name = "td3";
  td3.summary =
      "DDPG with twin critics, smoothed targets and a delayed policy (Fujimoto et al. 2018)";
  td3.defaults.push_back(kTd3Defaults);
  return td3;
}

}  // namespace drover
