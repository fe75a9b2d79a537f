#include "agent/returns/returns.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

#include "agent/returns/scan.h"

namespace drover {
namespace {

// 1 where the trace goes on past step t: neither truncated nor, by its
// discount of 0, terminated.
at::Tensor Continues(const Steps& steps) { return 1 - steps.truncated; }

}  // namespace

at::Tensor MonteCarloReturns(const Steps& steps) { return LambdaReturns(steps, 1); }

at::Tensor LambdaReturns(const Steps& steps, double lambda) {
  // The step's share of V_{t+1}: all of it where the trace is cut.
  const at::Tensor trace = Continues(steps) * lambda;
  const at::Tensor bootstrap = steps.discount * (1 - trace) * steps.next_value;
  return ScanBackward(steps.reward + bootstrap, steps.discount * trace, steps.next_value[-1]);
}

at::Tensor GaeAdvantages(const Steps& steps, double lambda) {
  const at::Tensor delta = steps.reward + steps.discount * steps.next_value - steps.value;
  return ScanBackward(delta, steps.discount * Continues(steps) * lambda,
                      at::zeros_like(steps.value[0]));
}

at::Tensor NStepReturns(const Steps& steps, int64_t n) {
  // After k rounds g holds the return over at most k rewards; each round puts one more before it.
  const int64_t length = steps.reward.size(0);
  const at::Tensor continues = Continues(steps);
  at::Tensor g = steps.reward + steps.discount * steps.next_value;
  for (int64_t k = 1; k < std::min(n, length); ++k) {
    at::Tensor after = steps.next_value.clone();  // at the unroll's end and at truncations
    const at::Tensor inner = continues.narrow(0, 0, length - 1);
    after.narrow(0, 0, length - 1)
        .copy_(inner * g.narrow(0, 1, length - 1) +
               (1 - inner) * steps.next_value.narrow(0, 0, length - 1));
    g = steps.reward + steps.discount * after;
  }
  return g;
}

}  // namespace drover
