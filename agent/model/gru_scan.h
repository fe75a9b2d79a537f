#ifndef DROVER_AGENT_MODEL_GRU_SCAN_H_
#define DROVER_AGENT_MODEL_GRU_SCAN_H_

#include <ATen/core/Tensor.h>

namespace drover {

// Gated recurrent units (Cho et al. 2014, arXiv:1406.1078, as LibTorch has them) over T steps of N
// rows, as one operation of autograd, as LstmScan:
//   h = keep_t h,  u = W h + b
//   r, z = σ(p_t + u),  n = tanh(p_t + r u),  each its own third
//   h' = (1 − z) n + z h
//
// projected [T, N, 3H]: p, in the order r, z, n; weight [3H, H]; bias [3H]; start [N, H]; keep
// [T, N]. Returns [T, N, H]: h' of each step. First derivatives only, to the first three.
at::Tensor GruScan(const at::Tensor& projected, const at::Tensor& weight, const at::Tensor& bias,
                   const at::Tensor& start, const at::Tensor& keep);

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_GRU_SCAN_H_
