#include "agent/distributions/deterministic.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

namespace drover {
namespace {

// [...], without gradient.
at::Tensor Zero(const at::Tensor& parameters) {
  return at::zeros(parameters.sizes().slice(0, parameters.sizes().size() - 1),
                   parameters.options().requires_grad(false));
}

}  // namespace

at::Tensor Deterministic::LogProb(const at::Tensor& parameters,
                                  const at::Tensor& /*action*/) const {
  return Zero(parameters);
}

at::Tensor Deterministic::Entropy(const at::Tensor& parameters) const { return Zero(parameters); }

at::Tensor Deterministic::Kl(const at::Tensor& p, const at::Tensor& /*q*/) const { return Zero(p); }

at::Tensor Deterministic::Mode(const at::Tensor& parameters) const {
  return scale_.Clip(scale_.ToAction(parameters.tanh()));
}

Distribution::Draw Deterministic::Sample(const at::Tensor& parameters,
                                         const at::Tensor& /*uniform*/) const {
  return {Mode(parameters.detach()), Zero(parameters)};
}

Distribution::Draw Deterministic::Reparameterize(const at::Tensor& parameters,
                                                 const at::Tensor& /*normal*/) const {
  return {scale_.ToAction(parameters.tanh()), Zero(parameters)};
}

}  // namespace drover
