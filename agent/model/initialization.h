#ifndef DROVER_AGENT_MODEL_INITIALIZATION_H_
#define DROVER_AGENT_MODEL_INITIALIZATION_H_

#include <ATen/core/Tensor.h>

#include "common/random.h"

namespace drover {

// Fills `weight` [out, in] with a random matrix whose singular values all are
// `gain` (Saxe et al. 2014, arXiv:1312.6120): rows orthogonal if out <= in,
// columns otherwise. What on-policy algorithms start from: gain √2 in the
// torso, 0.01 for the policy head, so that the first policy is nearly uniform.
void FillOrthogonal(double gain, Random& random, const at::Tensor& weight);

// Fills `values` with numbers uniform in [-bound, bound).
void FillUniform(double bound, Random& random, const at::Tensor& values);

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_INITIALIZATION_H_
