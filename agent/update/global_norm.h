#ifndef DROVER_AGENT_UPDATE_GLOBAL_NORM_H_
#define DROVER_AGENT_UPDATE_GLOBAL_NORM_H_

#include <ATen/core/Tensor.h>

namespace drover {

// Scales `gradient` [P] in place so that its Euclidean norm is at most
// `max_norm` (0: leaves it) and returns the norm it had. NaN or infinite if
// any element is: then nothing is scaled, and the step should not be taken.
double ClipGlobalNorm(double max_norm, const at::Tensor& gradient);

}  // namespace drover

#endif  // DROVER_AGENT_UPDATE_GLOBAL_NORM_H_
