#include "agent/losses/compatible_critic.h"

#include <ATen/TensorOperators.h>

namespace drover {

at::Tensor CompatibleAdvantage(const Tangent& policy, const at::Tensor& action) {
  return ((action - policy.value) * policy.along).sum(-1);
}

at::Tensor CompatiblePolicyLoss(const Tangent& policy, const at::Tensor& mean) {
  return -(mean * policy.along.detach()).sum(-1);
}

}  // namespace drover
