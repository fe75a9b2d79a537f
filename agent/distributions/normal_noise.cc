#include "agent/distributions/normal_noise.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/erfinv.h>

#include <cmath>

namespace drover {

at::Tensor NormalFromUniform(const at::Tensor& uniform) {
  // 2 (u + 2⁻²⁵) − 1: a multiple of 2⁻²⁴ below 1, so that float32 has it exactly.
  return (uniform * 2 - (1 - 0x1p-24)).erfinv_().mul_(std::sqrt(2.0));
}

}  // namespace drover
