#include "agent/losses/deterministic_policy_loss.h"

#include <ATen/TensorOperators.h>

namespace drover {

at::Tensor DeterministicPolicyLoss(const at::Tensor& action, const at::Tensor& action_gradient,
                                   double clip) {
  at::Tensor step = action_gradient.detach();
  if (clip > 0) {
    const at::Tensor norm = step.norm(2, {-1}, /*keepdim=*/true);
    step = step * (clip / norm.clamp_min(clip));
  }
  return ((action.detach() + step) - action).square().sum(-1) * 0.5;
}

}  // namespace drover
