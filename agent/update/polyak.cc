#include "agent/update/polyak.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/lerp.h>

namespace drover {

void Polyak(const at::Tensor& source, double tau, const at::Tensor& target) {
  const at::NoGradGuard no_grad;
  target.lerp_(source, tau);
}

}  // namespace drover
