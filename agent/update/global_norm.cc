#include "agent/update/global_norm.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

namespace drover {

double ClipGlobalNorm(double max_norm, const at::Tensor& gradient) {
  const at::NoGradGuard no_grad;
  const double norm = gradient.norm().item<double>();
  if (max_norm > 0 && std::isfinite(norm) && norm > max_norm) gradient.mul_(max_norm / norm);
  return norm;
}

}  // namespace drover
