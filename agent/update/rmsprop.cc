#include "agent/update/rmsprop.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>

namespace drover {

RmsPropRule::RmsPropRule(const RmsProp& config, const at::Tensor& parameters)
    : config_(config), v_(at::zeros_like(parameters)), momentum_(at::zeros_like(parameters)) {}

void RmsPropRule::Apply(const at::Tensor& parameters, const at::Tensor& gradient, double rate) {
  const at::NoGradGuard no_grad;
  v_.mul_(config_.decay()).addcmul_(gradient, gradient, 1 - config_.decay());
  const bool inside = config_.epsilon_place() == RmsProp::Epsilon::inside;
  const at::Tensor root =
      inside ? (v_ + config_.epsilon()).sqrt_() : v_.sqrt().add_(config_.epsilon());
  momentum_.mul_(config_.momentum()).addcdiv_(gradient, root);
  parameters.add_(momentum_, -rate);
}

UpdateRule::NamedTensors RmsPropRule::State() const { return {{"v", v_}, {"momentum", momentum_}}; }

}  // namespace drover
