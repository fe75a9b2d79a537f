#ifndef DROVER_AGENT_ALGORITHMS_POLICY_GRADIENT_H_
#define DROVER_AGENT_ALGORITHMS_POLICY_GRADIENT_H_

#include "agent/algorithms/algorithm.h"
#include "agent/losses/reduction.h"

namespace drover {

// The one form of on-policy gradients without a clip (Schulman et al. 2016, arXiv:1506.02438,
// section 2), first order, one pass over each batch:
//   loss = −log π(a|x) Ψ + c_v ½ (target − V)² − c_e H[π]
// Ψ is Loss.policy_weight; the algorithms below are values of it and of what else is in a config.

// REINFORCE (Williams 1992): Ψ = G − V(x), over whole episodes; policy_weight return_to_go is the
// one without a baseline, total_return the oldest form.
Algorithm Reinforce();

// One-step actor-critic (Sutton and Barto 2018, section 13.5, with action values): a critic
//   ½ (Q(x, a) − (r + γ Q(x', a')))²   of the action really taken next (SARSA)
// and Ψ = Q(x, a) − Σ π(b|x) Q(x, b). Beyond an unroll, and at a truncation, no next action is
// known: there the target has its mean over the policy.
Algorithm ActorCritic();

// A2C (Mnih et al. 2016, arXiv:1602.01783): Ψ = R − V(x), with the return R of as many
// steps as follow in the unroll. Who computes the gradient is the topology's affair.
Algorithm A2c();

// A3C: the same, on topology a3c; one actor of it is A2C, bit for bit.
Algorithm A3c();

// The loss that this family shares with IMPALA: targets "advantage" (Ψ) and "value".
LossTerms ActorCriticLoss(const LossInput& in);

// What PPO has, too: the entropy term, and how the numbers of a minibatch become one.
void AddEntropy(const LossInput& in, LossTerms* terms);
Reduce ReduceOf(const LossInput& in);

}  // namespace drover

#endif  // DROVER_AGENT_ALGORITHMS_POLICY_GRADIENT_H_
