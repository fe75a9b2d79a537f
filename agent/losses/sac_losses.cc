#include "agent/losses/sac_losses.h"

#include <ATen/TensorOperators.h>

namespace drover {

at::Tensor SoftValue(const at::Tensor& q, const at::Tensor& log_prob, const at::Tensor& alpha) {
  return q - alpha * log_prob;
}

at::Tensor SoftPolicyLoss(const at::Tensor& q, const at::Tensor& log_prob,
                          const at::Tensor& alpha) {
  return alpha * log_prob - q;
}

at::Tensor TemperatureLoss(const at::Tensor& log_alpha, const at::Tensor& log_prob, double target) {
  return -log_alpha * (log_prob.detach() + target);
}

at::Tensor PaperTemperatureLoss(const at::Tensor& log_alpha, const at::Tensor& log_prob,
                                double target) {
  return -log_alpha.exp() * (log_prob.detach() + target);
}

double DefaultTargetEntropy(const ActionScale& scale) {
  return scale.log_volume() - static_cast<double>(scale.size());
}

}  // namespace drover
