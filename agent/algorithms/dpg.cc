#include "agent/algorithms/dpg.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include "agent/algorithms/ddpg.h"
#include "agent/distributions/action_scale.h"
#include "agent/losses/compatible_critic.h"
#include "agent/losses/policy_losses.h"
#include "agent/returns/q_targets.h"
#include "common/topology.h"

namespace drover {
namespace {

constexpr char kOffDefaults[] = R"(
  model { critics { kind: network } }
  target_networks { tau: 1 }
)";

constexpr char kOnDefaults[] = R"(
  learner { max_policy_lag: 1 }
  model {
    layers: 64 layers: 64 activation: tanh policy: deterministic
    critics { count: 1 kind: network }
  }
  returns { gamma: 0.99 reward_scale: 1 }
  update { adam {} rate { value: 1e-3 } policy_rate {} max_norm: 0 policy_every: 1 }
  target_networks { tau: 1 every: 1 }
  exploration { noise: gaussian sigma: 0.3 uniform_frames: 0 }
)";

bool Compatible(const ReplayLossInput& in) {
  return in.context.config.model().critics().kind() == Critics::Kind::compatible;
}

// (a − μ)ᵀ ∇μᵀ w of a compatible critic.
at::Tensor Advantage(const ReplayLossInput& in, const Model& model, const at::Tensor& x,
                     const at::Tensor& action) {
  return CompatibleAdvantage(model.CompatibleTangent(x),
                             ActionScale(in.model.action_space()).ToUnit(action));
}

at::Tensor Q(const ReplayLossInput& in, const Model& model, const at::Tensor& x,
             const at::Tensor& action) {
  if (!Compatible(in)) return model.Q(0, x, action);
  return Advantage(in, model, x, action) + model.Value(x);
}

at::Tensor Target(const ReplayLossInput& in) {
  const at::NoGradGuard no_grad;
  const at::Tensor& x = in.step.next_observation;
  const bool sarsa = !UsesReplay(in.context.config);
  const at::Tensor action =
      sarsa ? in.step.next_action : in.context.distribution.Mode(in.target.Policy(x));
  return TdTarget(in.step.reward, in.step.discount, Q(in, in.target, x, action));
}

LossTerms SquaredError(const ReplayLossInput& in, const std::string& name, const at::Tensor& q) {
  const at::Tensor target = Target(in);
  LossTerms terms;
  terms.Add(name, (in.step.weight * ValueLoss(q, target)).mean());
  *in.priority = (q.detach() - target).abs();
  return terms;
}

LossTerms TrainCritic(const ReplayLossInput& in) {
  if (!Compatible(in)) return CriticLoss(in, Target(in));
  const at::Tensor value = in.model.Value(in.step.observation).detach();
  const at::Tensor advantage = Advantage(in, in.model, in.step.observation, in.step.action);
  return SquaredError(in, "critic0_loss", advantage + value);
}

// The baseline of a compatible critic.
LossTerms TrainValue(const ReplayLossInput& in) {
  const at::Tensor advantage =
      Advantage(in, in.model, in.step.observation, in.step.action).detach();
  return SquaredError(in, "value_loss", advantage + in.model.Value(in.step.observation));
}

LossTerms TrainPolicy(const ReplayLossInput& in) {
  const at::Tensor& x = in.step.observation;
  const at::Tensor action = GreedyAction(in, x);
  LossTerms terms;
  if (Compatible(in)) {
    const at::Tensor unit = ActionScale(in.model.action_space()).ToUnit(action);
    terms.Add("policy_loss", CompatiblePolicyLoss(in.model.CompatibleTangent(x), unit).mean());
  } else {
    terms.Add("policy_loss", -in.model.FrozenQ(0, x, action).mean());
  }
  return terms;
}

}  // namespace

Algorithm Dpg() {
  return {"dpg",
          "deterministic policy gradient on-policy, with a SARSA critic (Silver et al. 2014)",
          {Topology::impala},
          {kOnDefaults},
          {TransitionPhase("critic", TrainCritic, ParameterGroup::kCritic),
           TransitionPhase("value", TrainValue, ParameterGroup::kValue),
           TransitionPhase("policy", TrainPolicy, ParameterGroup::kPolicy)},
          {PolicyHead::deterministic}};
}

Algorithm DpgOff() {
  Algorithm off = Ddpg();
  off.name = "dpg_off";
  off.summary = "deterministic policy gradient off-policy, from replay (Silver et al. 2014)";
  off.defaults.push_back(kOffDefaults);
  off.phases = Dpg().phases;
  return off;
}

}  // namespace drover
