#include "agent/update/adam.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

namespace drover {

AdamRule::AdamRule(const Adam& config, const at::Tensor& parameters)
    : config_(config),
      m_(at::zeros_like(parameters)),
      v_(at::zeros_like(parameters)),
      step_(at::zeros({}, parameters.options().dtype(at::kFloat))) {}

void AdamRule::Apply(const at::Tensor& parameters, const at::Tensor& gradient, double rate) {
  const at::NoGradGuard no_grad;
  step_.add_(1);
  at::_fused_adam_({parameters}, {gradient}, {m_}, {v_}, {}, {step_}, rate, config_.beta1(),
                   config_.beta2(), /*weight_decay=*/0, config_.epsilon(), /*amsgrad=*/false,
                   /*maximize=*/false);
}

UpdateRule::NamedTensors AdamRule::State() const { return {{"m", m_}, {"v", v_}, {"step", step_}}; }

}  // namespace drover
