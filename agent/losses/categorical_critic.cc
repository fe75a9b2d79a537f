#include "agent/losses/categorical_critic.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/xlogy.h>

namespace drover {

at::Tensor CategoricalMean(const at::Tensor& logits, const at::Tensor& support) {
  return (at::softmax(logits, -1) * support).sum(-1);
}

at::Tensor CategoricalCrossEntropy(const at::Tensor& logits, const at::Tensor& target) {
  return -(target * at::log_softmax(logits, -1)).sum(-1);
}

at::Tensor CategoricalDivergence(const at::Tensor& logits, const at::Tensor& target) {
  return CategoricalCrossEntropy(logits, target) + at::xlogy(target, target).sum(-1);
}

}  // namespace drover
