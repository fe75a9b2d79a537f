#include "agent/returns/vtrace.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

#include "agent/returns/scan.h"

namespace drover {

namespace {

at::Tensor Truncated(const at::Tensor& ratio, double clip, double share) {
  const at::Tensor truncated = ratio.clamp_max(clip);
  return share == 1 ? truncated : ratio * (1 - share) + truncated * share;
}

}  // namespace

Vtrace VtraceTargets(const Steps& steps, const at::Tensor& log_ratio,
                     const VtraceOptions& options) {
  const at::Tensor ratio = log_ratio.exp();
  const at::Tensor rho = Truncated(ratio, options.clip_rho, options.truncation);
  const at::Tensor c = Truncated(ratio, options.clip_c, options.truncation) * options.lambda;
  const at::Tensor continues = 1 - steps.truncated;

  const at::Tensor delta = rho * (steps.reward + steps.discount * steps.next_value - steps.value);
  const at::Tensor correction =
      ScanBackward(delta, steps.discount * c * continues, at::zeros_like(steps.value[0]));

  // v_{t+1} − V_{t+1}: nothing is known beyond the unroll's end and a truncation.
  at::Tensor next_correction = at::zeros_like(correction);
  const int64_t inner = correction.size(0) - 1;
  next_correction.narrow(0, 0, inner).copy_(correction.narrow(0, 1, inner));
  const at::Tensor next = steps.next_value + next_correction * continues * options.lambda;
  const at::Tensor advantage = ratio.clamp_max(options.clip_policy_rho) *
                               (steps.reward + steps.discount * next - steps.value);
  return {steps.value + correction, advantage, rho};
}

}  // namespace drover
