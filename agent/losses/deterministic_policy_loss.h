#ifndef DROVER_AGENT_LOSSES_DETERMINISTIC_POLICY_LOSS_H_
#define DROVER_AGENT_LOSSES_DETERMINISTIC_POLICY_LOSS_H_

#include <ATen/core/Tensor.h>

namespace drover {

// A loss [N] whose gradient by the action is −∇_a Q (Silver et al. 2014, eq. 7): ½ |a + g − a|²
// with g = ∇_a Q [N, D] and the first a held fixed. g is scaled down to the Euclidean norm `clip`
// where that is above 0: a steep critic then moves the policy no further than any other. Without a
// clip −Q(x, a) through a frozen critic has the same gradient.
at::Tensor DeterministicPolicyLoss(const at::Tensor& action, const at::Tensor& action_gradient,
                                   double clip);

}  // namespace drover

#endif  // DROVER_AGENT_LOSSES_DETERMINISTIC_POLICY_LOSS_H_
