#ifndef DROVER_AGENT_DISTRIBUTIONS_NORMAL_NOISE_H_
#define DROVER_AGENT_DISTRIBUTIONS_NORMAL_NOISE_H_

#include <ATen/core/Tensor.h>

namespace drover {

// Standard normal numbers from uniform ones, each from its own: Φ⁻¹(u + 2⁻²⁵) of u in [0, 1),
// multiples of 2⁻²⁴. The half step keeps 0 finite and the result symmetric, within ±5.3.
at::Tensor NormalFromUniform(const at::Tensor& uniform);

}  // namespace drover

#endif  // DROVER_AGENT_DISTRIBUTIONS_NORMAL_NOISE_H_
