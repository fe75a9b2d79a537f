#include "agent/algorithms/policy_gradient.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include "agent/coefficient/schedule.h"
#include "agent/losses/policy_losses.h"
#include "agent/returns/policy_weights.h"
#include "agent/returns/returns.h"
#include "env/environment.h"

namespace drover {
namespace {

// What all of them read.
constexpr char kDefaults[] = R"(
  returns { gamma: 0.99 lambda: 1 reward_scale: 1 }
  loss {
    reduction: mean value_coefficient: 0.5 entropy { value: 0.01 }
    policy_weight: advantage discount_steps: false
  }
  update { adam {} rate { value: 1e-3 } max_norm: 0.5 epochs: 1 }
)";

constexpr char kReinforceDefaults[] = R"(
  actors { unroll: 500 whole_episodes: true }
  loss { policy_weight: baselined }
)";

constexpr char kActorCriticDefaults[] = R"(
  model { policy: categorical action_values: true }
  loss { policy_weight: q }
  update { policy_rate { value: 3e-4 } }
)";

constexpr char kA2cDefaults[] = R"(
  actors { unroll: 5 }
  update { rmsprop { decay: 0.99 epsilon: 1e-5 } rate { value: 7e-4 } }
)";

// Q of the action taken   [..., n], [...] -> [...].
at::Tensor Taken(const at::Tensor& action_value, const at::Tensor& action) {
  return action_value.gather(-1, action.unsqueeze(-1)).squeeze(-1);
}

// r + γ Q(x', a'), or what the policy's mean is where a' is unknown: Steps::next_value.
at::Tensor SarsaTarget(const TargetsInput& in) {
  const int64_t inner = in.batch.steps() - 1;
  at::Tensor next = in.steps.next_value.clone();
  const at::Tensor taken = Taken(in.action_value.detach(), in.batch.action);
  const at::Tensor running =
      in.batch.end.narrow(0, 0, inner) == static_cast<int64_t>(End::kRunning);
  next.narrow(0, 0, inner)
      .copy_(at::where(running, taken.narrow(0, 1, inner), next.narrow(0, 0, inner)));
  return in.steps.reward + in.steps.discount * next;
}

struct Weighed {
  at::Tensor weight;  // Ψ [T, B]
  at::Tensor value;   // [T, B] what V, or Q, learns
};

Weighed Weigh(const TargetsInput& in) {
  const Steps& steps = in.steps;
  // What these two know of an episode is its rewards.
  const Steps rewards{steps.reward, steps.discount, steps.truncated, steps.value,
                      at::zeros_like(steps.value)};
  const at::Tensor returns = MonteCarloReturns(steps);
  switch (in.config.loss().policy_weight()) {
    case PolicyWeight::total_return:
      return {TotalReturns(rewards), returns};
    case PolicyWeight::return_to_go:
      return {MonteCarloReturns(rewards), returns};
    case PolicyWeight::baselined:
      return {returns - steps.value, returns};
    case PolicyWeight::q:
      return {Taken(in.action_value.detach(), in.batch.action) - steps.value, SarsaTarget(in)};
    case PolicyWeight::td_residual: {
      const at::Tensor residual = GaeAdvantages(steps, 0);
      return {residual, residual + steps.value};
    }
    default: {
      const at::Tensor advantage = GaeAdvantages(steps, in.config.returns().lambda());
      return {advantage, advantage + steps.value};
    }
  }
}

TensorMap Targets(const TargetsInput& in) {
  Weighed weighed = Weigh(in);
  if (in.config.loss().discount_steps()) {
    weighed.weight = weighed.weight * EpisodeDiscounts(in.steps, in.config.returns().gamma());
  }
  return {{"advantage", weighed.weight}, {"value", weighed.value}};
}

at::Tensor ValueTerm(const LossInput& in) {
  const at::Tensor value = in.action_value.defined() ? Taken(in.action_value, in.action) : in.value;
  return ReduceOf(in)(ValueLoss(value, in.targets.at("value")));
}

void AddPolicyTerms(const LossInput& in, LossTerms* terms) {
  const at::Tensor log_prob = in.context.distribution.LogProb(in.policy, in.action);
  terms->Add("policy_loss", ReduceOf(in)(PolicyGradientLoss(log_prob, in.targets.at("advantage"))));
  AddEntropy(in, terms);
}

LossTerms CriticLoss(const LossInput& in) {
  LossTerms terms;
  terms.Add("value_loss", ValueTerm(in), in.context.config.loss().value_coefficient());
  return terms;
}

LossTerms PolicyLoss(const LossInput& in) {
  LossTerms terms;
  AddPolicyTerms(in, &terms);
  return terms;
}

Algorithm Child(const std::string& name, const std::string& summary, const char* defaults) {
  return {name,
          summary,
          {Topology::a2c, Topology::impala, Topology::a3c},
          {kDefaults, defaults},
          {{"train", Targets, ActorCriticLoss}}};
}

}  // namespace

Reduce ReduceOf(const LossInput& in) {
  return Reduce(in.context.config.loss().reduction(), in.mask);
}

void AddEntropy(const LossInput& in, LossTerms* terms) {
  terms->Add("entropy", ReduceOf(in)(in.context.distribution.Entropy(in.policy)),
             -ValueAt(in.context.config.loss().entropy(), in.context.trained_frames));
}

LossTerms ActorCriticLoss(const LossInput& in) {
  LossTerms terms = CriticLoss(in);
  AddPolicyTerms(in, &terms);
  return terms;
}

Algorithm Reinforce() {
  return Child("reinforce", "Monte Carlo policy gradient over whole episodes (Williams 1992)",
               kReinforceDefaults);
}

// Two phases, as the critic wants the higher rate.
Algorithm ActorCritic() {
  Algorithm algorithm =
      Child("actor_critic", "one-step actor-critic with a SARSA critic (Sutton and Barto 2018)",
            kActorCriticDefaults);
  algorithm.policies = {PolicyHead::categorical};  // whose mean over Q is a sum
  algorithm.phases = {{"critic", Targets, CriticLoss, nullptr, ParameterGroup::kValue},
                      {"policy", Targets, PolicyLoss, nullptr, ParameterGroup::kPolicy}};
  return algorithm;
}

Algorithm A2c() {
  Algorithm algorithm =
      Child("a2c", "advantage actor-critic in lockstep (Mnih et al. 2016)", kA2cDefaults);
  algorithm.topologies = {Topology::a2c, Topology::impala};
  return algorithm;
}

Algorithm A3c() {
  Algorithm algorithm = A2c();
  algorithm.name = "a3c";
  algorithm.summary =
      "asynchronous advantage actor-critic: actors send gradients (Mnih et al. 2016)";
  algorithm.topologies = {Topology::a3c};
  return algorithm;
}

}  // namespace drover
