#include "agent/returns/policy_weights.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>

#include "agent/returns/scan.h"
#include "common/end.h"

namespace drover {
namespace {

// 1 at an episode's first step, else 0.
at::Tensor Starts(const Steps& steps) {
  const int64_t length = steps.reward.size(0);
  const at::Tensor ended = (steps.discount == 0).logical_or(steps.truncated != 0);
  at::Tensor starts = at::ones_like(steps.reward);
  starts.narrow(0, 1, length - 1).copy_(ended.narrow(0, 0, length - 1));
  return starts;
}

}  // namespace

at::Tensor TotalReturns(const Steps& steps) {
  const at::Tensor starts = Starts(steps);
  return ScanForward(starts * MonteCarloReturns(steps), 1 - starts,
                     at::zeros_like(steps.reward[0]));
}

at::Tensor EpisodeDiscounts(const Steps& steps, double gamma) {
  const at::Tensor starts = Starts(steps);
  return ScanForward(starts, (1 - starts) * gamma, at::zeros_like(steps.reward[0]));
}

at::Tensor InEndedEpisodes(const at::Tensor& end) {
  const at::Tensor ended = (end != static_cast<int64_t>(End::kRunning)).to(at::kFloat);
  return ScanBackward(ended, 1 - ended, at::zeros_like(ended[0]));
}

}  // namespace drover
