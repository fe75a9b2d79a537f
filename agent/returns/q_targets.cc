#include "agent/returns/q_targets.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/softmax.h>

namespace drover {

at::Tensor TdTarget(const at::Tensor& reward, const at::Tensor& discount, const at::Tensor& next) {
  return reward + discount * next;
}

at::Tensor SmoothedAction(const ActionScale& scale, const at::Tensor& action,
                          const at::Tensor& normal, double sigma, double clip) {
  const at::Tensor noise = (normal * sigma).clamp(-clip, clip);
  return scale.Clip(scale.ToAction(scale.ToUnit(action) + noise));
}

at::Tensor ExpectedQ(const at::Tensor& logits, const at::Tensor& q) {
  return (at::softmax(logits, -1) * q).sum(-1);
}

}  // namespace drover
