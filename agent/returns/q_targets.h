#ifndef DROVER_AGENT_RETURNS_Q_TARGETS_H_
#define DROVER_AGENT_RETURNS_Q_TARGETS_H_

#include <ATen/core/Tensor.h>

#include "agent/distributions/action_scale.h"

// What Q(x, a) learns, of N steps; nothing carries gradients.
namespace drover {

// r + γ^m (1 − terminated) · next   [N], of rewards, discounts and the value of what came next.
at::Tensor TdTarget(const at::Tensor& reward, const at::Tensor& discount, const at::Tensor& next);

// TD3's target policy smoothing (Fujimoto et al. 2018, arXiv:1802.09477, eq. 14), in units of half
// the action's range: μ'(x') + clip(σ ε, −c, c), clipped to the bounds. One such action is for both
// critics. `normal` [N, D]: ε.
at::Tensor SmoothedAction(const ActionScale& scale, const at::Tensor& action,
                          const at::Tensor& normal, double sigma, double clip);

// Σ_a π(a|x') Q(x', a)   [N], of logits and Q, both [N, A]: expected SARSA.
at::Tensor ExpectedQ(const at::Tensor& logits, const at::Tensor& q);

}  // namespace drover

#endif  // DROVER_AGENT_RETURNS_Q_TARGETS_H_
