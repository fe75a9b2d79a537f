#ifndef DROVER_AGENT_MODEL_LSTM_SCAN_H_
#define DROVER_AGENT_MODEL_LSTM_SCAN_H_

#include <ATen/core/Tensor.h>

namespace drover {

// Long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000) over T steps of N
// rows, as one operation of autograd, since single steps would spend their time with its
// bookkeeping:
//   (h, c) = keep_t (h, c)
//   i, f, o = σ(p_t + W h + b),  g = tanh(p_t + W h + b),  each its own quarter
//   c' = f c + i g,  h' = o tanh(c')
//
// projected [T, N, 4H]: p, in the order i, f, g, o, which is LibTorch's; weight [4H, H]; bias [4H];
// start [N, 2H]: h, then c; keep [T, N]: 0 where the memory is emptied before step t, else 1.
// Returns [T, N, 2H]: h', then c', after each step. First derivatives only, to the first three.
at::Tensor LstmScan(const at::Tensor& projected, const at::Tensor& weight, const at::Tensor& bias,
                    const at::Tensor& start, const at::Tensor& keep);

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_LSTM_SCAN_H_
