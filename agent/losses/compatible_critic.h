#ifndef DROVER_AGENT_LOSSES_COMPATIBLE_CRITIC_H_
#define DROVER_AGENT_LOSSES_COMPATIBLE_CRITIC_H_

#include <ATen/core/Tensor.h>

#include "agent/model/tangent.h"

// The critic that makes the deterministic policy gradient exact (Silver et al. 2014, theorem 3):
//   Q(x, a) = (a − μ(x))ᵀ ∇_θ μ(x)ᵀ w + V(x)
// linear in w [P], with as many numbers as the policy has parameters θ. `policy` is μ and ∇μᵀ w
// (agent/model/tangent.h), `action` [N, D] in the same units as μ.
namespace drover {

// (a − μ)ᵀ ∇μᵀ w   [N], with gradients to w.
at::Tensor CompatibleAdvantage(const Tangent& policy, const at::Tensor& action);

// −μᵀ ∇μᵀ w with the second factor held fixed, [N]: by θ its gradient is −∇μ ∇μᵀ w, the policy
// gradient of that critic. `mean` [N, D] is μ with gradients to θ.
at::Tensor CompatiblePolicyLoss(const Tangent& policy, const at::Tensor& mean);

}  // namespace drover

#endif  // DROVER_AGENT_LOSSES_COMPATIBLE_CRITIC_H_
