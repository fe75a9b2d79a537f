#include "agent/losses/advantage.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

namespace drover {

at::Tensor NormalizeAdvantage(const at::Tensor& advantage, double epsilon, bool unbiased) {
  if (advantage.numel() < 2) return at::zeros_like(advantage);
  // In float32 the rounding of equal advantages' mean would be blown up to ±1.
  const at::Tensor wide = advantage.to(at::kDouble);
  return ((wide - wide.mean()) / (wide.std(unbiased) + epsilon)).to(advantage.scalar_type());
}

}  // namespace drover
