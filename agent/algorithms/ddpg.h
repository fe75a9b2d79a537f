#ifndef DROVER_AGENT_ALGORITHMS_DDPG_H_
#define DROVER_AGENT_ALGORITHMS_DDPG_H_

#include "agent/algorithms/algorithm.h"

namespace drover {

// DDPG (Lillicrap et al. 2016, arXiv:1509.02971): a deterministic policy μ climbs its critic.
//   y = r + γ Q'(x', μ'(x'))          of target networks; r and γ of n steps
//   critic: ½ w (Q(x, a) − y)²        w: importance weights of prioritized replay
//   policy: −Q(x, μ(x))               with the critic held still
Algorithm Ddpg();

// TD3 (Fujimoto et al. 2018, arXiv:1802.09477) differs from DDPG in
//   y = r + γ min(Q₁', Q₂')(x', clip(μ'(x') + clip(ε, −c, c))),  ε ~ N(0, σ)
// and moves policy and target networks every second step only.
Algorithm Td3();

// μ(x) with gradients to the policy.
at::Tensor GreedyAction(const ReplayLossInput& in, const at::Tensor& observation);

// What the losses of this family have in common: Σ over critics of ½ w (Q_i(x, a) − y)², with
// |Q₁ − y| as the priority.
LossTerms CriticLoss(const ReplayLossInput& in, const at::Tensor& target);

// The least of the critics' Q(x, a), with gradients for the action alone; or of `model`'s own.
at::Tensor LeastFrozenQ(const Model& model, const at::Tensor& observation,
                        const at::Tensor& action);
at::Tensor LeastQ(const Model& model, const at::Tensor& observation, const at::Tensor& action);

}  // namespace drover

#endif  // DROVER_AGENT_ALGORITHMS_DDPG_H_
