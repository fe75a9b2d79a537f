#ifndef DROVER_AGENT_MODEL_TANGENT_H_
#define DROVER_AGENT_MODEL_TANGENT_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "agent/kernels/dense.h"

namespace drover {

// A function of parameters and the derivative of its value along a direction w in them.
struct Tangent {
  at::Tensor value;  // [N, out], without gradient
  at::Tensor along;  // [N, out] ∇_θ value · w, with gradients to w
};

// Of a stack of linear layers over x [N, in], each but the last followed by `f`. weights[i]
// [out, in], biases[i] [out]; `w` [P] has the order of the layers, each weight before its bias. One
// forward pass with the chain rule beside it: no sample's Jacobian [out, P] is ever written down.
Tangent StackTangent(const std::vector<at::Tensor>& weights, const std::vector<at::Tensor>& biases,
                     Nonlinearity f, const at::Tensor& x, const at::Tensor& w);

// Of tanh over such values: a deterministic policy in units of half the action's range.
Tangent TanhTangent(const Tangent& inner);

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_TANGENT_H_
