#include "agent/model/tangent.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros_like.h>

namespace drover {
namespace {

Tangent ReluTangent(const Tangent& inner) {
  const at::Tensor active = (inner.value > 0).to(inner.value.scalar_type());
  return {at::relu(inner.value), inner.along * active};
}

}  // namespace

Tangent TanhTangent(const Tangent& inner) {
  const at::Tensor value = inner.value.tanh();
  return {value, inner.along * (1 - value.square())};
}

Tangent StackTangent(const std::vector<at::Tensor>& weights, const std::vector<at::Tensor>& biases,
                     Nonlinearity f, const at::Tensor& x, const at::Tensor& w) {
  Tangent h{x, at::zeros_like(x)};
  int64_t offset = 0;
  const auto next = [&](const at::Tensor& like) {
    const at::Tensor part = w.narrow(0, offset, like.numel()).view(like.sizes());
    offset += like.numel();
    return part;
  };
  for (size_t i = 0; i < weights.size(); ++i) {
    const at::Tensor weight = weights[i].detach();
    const at::Tensor weight_along = next(weight);
    const at::Tensor bias_along = next(biases[i]);
    // d(W h + b) = dW h + db + W dh.
    h = {at::linear(h.value, weight, biases[i].detach()),
         at::linear(h.value, weight_along, bias_along) + at::linear(h.along, weight)};
    if (i + 1 == weights.size()) break;
    if (f == Nonlinearity::kTanh) h = TanhTangent(h);
    if (f == Nonlinearity::kRelu) h = ReluTangent(h);
  }
  return h;
}

}  // namespace drover
