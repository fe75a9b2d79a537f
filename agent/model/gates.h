#ifndef DROVER_AGENT_MODEL_GATES_H_
#define DROVER_AGENT_MODEL_GATES_H_

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

// What the cells of recurrent networks have in common.
namespace drover {

// Part i of the last dimension of x, each `size` wide: a gate, or h or c of a state.
inline at::Tensor Part(const at::Tensor& x, int64_t i, int64_t size) {
  return x.narrow(-1, i * size, size);
}

// What a gradient is multiplied by on its way back through y = σ(x), and through y = tanh(x).
inline at::Tensor SigmoidSlope(const at::Tensor& y) { return y * (1 - y); }
inline at::Tensor TanhSlope(const at::Tensor& y) { return 1 - y.square(); }

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_GATES_H_
