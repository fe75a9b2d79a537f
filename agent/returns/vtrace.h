#ifndef DROVER_AGENT_RETURNS_VTRACE_H_
#define DROVER_AGENT_RETURNS_VTRACE_H_

#include <ATen/core/Tensor.h>

#include "agent/returns/returns.h"

namespace drover {

// The three truncations of importance weights, the decay of traces, and how much of the truncation
// there is. All 1 in the paper.
struct VtraceOptions {
  double clip_rho = 1;         // ρ̄: where the values converge to
  double clip_c = 1;           // c̄: how far corrections reach back
  double clip_policy_rho = 1;  // of the policy gradient
  double lambda = 1;           // c_t = λ min(c̄, π/μ)
  // Leaky V-trace (Zahavy et al. 2020, arXiv:2002.12928): α of the truncated weight and 1 − α of
  // the whole one, in values and traces.
  double truncation = 1;
};

struct Vtrace {
  at::Tensor target;     // [T, B] v_t, what V learns
  at::Tensor advantage;  // [T, B] min(clip_policy_rho, π/μ) (r_t + γ_t v_{t+1} − V_t)
  at::Tensor rho;        // [T, B] min(ρ̄, π/μ), as far as truncated
};

// Off-policy corrected values (Espeholt et al. 2018, arXiv:1802.01561, eq. 1):
//   v_t = V_t + Σ_k γ^k (Π c) ρ_{t+k} δ_{t+k}
// from `log_ratio` [T, B] = log π(a|x) − log μ(a|x), as recorded by the actor.
// A truncation ends the sum; its advantage bootstraps from V of the final
// observation, as the last step's does from V(x_T). With λ < 1 the advantage
// bootstraps from λ v_{t+1} + (1−λ) V_{t+1}. Ratios of e^20 stay finite.
Vtrace VtraceTargets(const Steps& steps, const at::Tensor& log_ratio,
                     const VtraceOptions& options = {});

}  // namespace drover

#endif  // DROVER_AGENT_RETURNS_VTRACE_H_
