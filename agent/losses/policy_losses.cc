#include "agent/losses/policy_losses.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/maximum.h>

namespace drover {

at::Tensor PolicyGradientLoss(const at::Tensor& log_prob, const at::Tensor& advantage) {
  return -(log_prob * advantage);
}

at::Tensor ValueLoss(const at::Tensor& value, const at::Tensor& target) {
  return (value - target).square() * 0.5;
}

at::Tensor SurrogateLoss(const at::Tensor& ratio, const at::Tensor& advantage) {
  return -(ratio * advantage);
}

at::Tensor ClippedSurrogateLoss(const at::Tensor& ratio, const at::Tensor& advantage,
                                double epsilon) {
  const at::Tensor clipped = ratio.clamp(1 - epsilon, 1 + epsilon);
  return at::maximum(SurrogateLoss(ratio, advantage), SurrogateLoss(clipped, advantage));
}

at::Tensor ClippedValueLoss(const at::Tensor& value, const at::Tensor& old_value,
                            const at::Tensor& target, double epsilon) {
  const at::Tensor clipped = old_value + (value - old_value).clamp(-epsilon, epsilon);
  return at::maximum(ValueLoss(value, target), ValueLoss(clipped, target));
}

at::Tensor ClipFraction(const at::Tensor& ratio, double epsilon) {
  return ((ratio - 1).abs() > epsilon).to(ratio.scalar_type()).mean();
}

at::Tensor KlEstimate(const at::Tensor& log_ratio) { return log_ratio.expm1() - log_ratio; }

}  // namespace drover
