#ifndef DROVER_AGENT_RETURNS_SCAN_H_
#define DROVER_AGENT_RETURNS_SCAN_H_

#include <ATen/core/Tensor.h>

namespace drover {

// The one recursion behind returns, advantages and eligibility traces, over
// a, b [T, B] with x beyond the edge given by `initial` [B]:
//   backward  x_t = a_t + b_t x_{t+1},  x_T  = initial   (GAE, V-trace, Monte Carlo, Retrace)
//   forward   x_t = a_t + b_t x_{t-1},  x_-1 = initial   (traces)
// Result [T, B], of the one type and device that all have. No gradients. One
// pass over memory for float32 and float64 on the CPU, else a few operations a
// step.
at::Tensor ScanBackward(const at::Tensor& a, const at::Tensor& b, const at::Tensor& initial);
at::Tensor ScanForward(const at::Tensor& a, const at::Tensor& b, const at::Tensor& initial);

}  // namespace drover

#endif  // DROVER_AGENT_RETURNS_SCAN_H_
