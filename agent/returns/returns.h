#ifndef DROVER_AGENT_RETURNS_RETURNS_H_
#define DROVER_AGENT_RETURNS_RETURNS_H_

#include <ATen/core/Tensor.h>

// Returns and advantages of T steps of B unrolls; nothing carries gradients.
namespace drover {

// What all estimators see, each [T, B] of one floating type. Terminated and
// truncated are apart: a termination is a discount of 0, which drops the
// bootstrap; a truncation cuts the trace, and bootstraps from `next_value`.
struct Steps {
  at::Tensor reward;
  at::Tensor discount;    // γ (1 − terminated)
  at::Tensor truncated;   // 1 where the time limit ended the episode, else 0
  at::Tensor value;       // V(x_t)
  at::Tensor next_value;  // V of the true successor: at a truncation, of the final observation
};

// Monte Carlo: G_t = r_t + γ_t G_{t+1}, beyond the unroll and at truncations V.
at::Tensor MonteCarloReturns(const Steps& steps);

// G_t = r_t + γ_t ((1−λ) V_{t+1} + λ G_{t+1})   (Sutton and Barto 2018, eq. 12.18)
at::Tensor LambdaReturns(const Steps& steps, double lambda);

// A_t = δ_t + γ_t λ A_{t+1}, δ_t = r_t + γ_t V_{t+1} − V_t
// (Schulman et al. 2016, arXiv:1506.02438, eq. 16). The value target is A + V.
at::Tensor GaeAdvantages(const Steps& steps, double lambda);

// G_t over at most n >= 1 rewards, fewer at the unroll's end and at an
// episode's; a window, not a scan.
at::Tensor NStepReturns(const Steps& steps, int64_t n);

}  // namespace drover

#endif  // DROVER_AGENT_RETURNS_RETURNS_H_
