#include "agent/losses/advantage.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

namespace drover {

at::Tensor NormalizeAdvantage(const at::Tensor& advantage, double epsilon, bool unbiased) {
  if (advantage.numel() < 2) return at::zeros_like(advantage);
  return (advantage - advantage.mean()) / (advantage.std(unbiased) + epsilon);
}

}  // namespace drover
