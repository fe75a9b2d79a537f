#ifndef DROVER_AGENT_MODEL_FUSED_MLP_H_
#define DROVER_AGENT_MODEL_FUSED_MLP_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "agent/kernels/dense.h"

namespace drover {

// A stack of linear layers, each followed by `f`, as one operation of autograd on
// agent/kernels/dense.h: what small networks on a CPU spend their time with is calls, copies and
// tanh, not arithmetic (docs/performance.md).
//
// x [N, in] float32; weights[i] [out, in], biases[i] [out], contiguous; all on the CPU. Returns
// [N, out], not contiguous: features are its outer dimension in memory, as the next stack likes it.
// Uses LibTorch's threads for large N. Has first derivatives only: to take the gradient of a
// gradient is a bug, and ends the process.
at::Tensor FusedMlp(const at::Tensor& x, const std::vector<at::Tensor>& weights,
                    const std::vector<at::Tensor>& biases, Nonlinearity f);

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_FUSED_MLP_H_
