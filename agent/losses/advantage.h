#ifndef DROVER_AGENT_LOSSES_ADVANTAGE_H_
#define DROVER_AGENT_LOSSES_ADVANTAGE_H_

#include <ATen/core/Tensor.h>

namespace drover {

// (A − mean) / (std + ε) over all elements, with the divisor n−1, or n where
// `unbiased` is false. One element has no deviation and becomes 0.
at::Tensor NormalizeAdvantage(const at::Tensor& advantage, double epsilon = 1e-8,
                              bool unbiased = true);

}  // namespace drover

#endif  // DROVER_AGENT_LOSSES_ADVANTAGE_H_
