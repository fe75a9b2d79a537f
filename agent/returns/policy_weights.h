#ifndef DROVER_AGENT_RETURNS_POLICY_WEIGHTS_H_
#define DROVER_AGENT_RETURNS_POLICY_WEIGHTS_H_

#include <ATen/core/Tensor.h>

#include "agent/returns/returns.h"

// What log π(a|x) may be weighted by in a policy gradient (Schulman et al. 2016, arXiv:1506.02438,
// section 2), that returns.h has not: there are the return to go (MonteCarloReturns), the same less
// V, the advantage and the TD residual (GaeAdvantages with λ, with 0). All [T, B]. Each unroll
// starts with an episode; none carries gradients.
namespace drover {

// The return of the whole episode that step t is in, discounted from its start.
at::Tensor TotalReturns(const Steps& steps);

// γ^(step of the episode): with it in front the other weights give the gradient of the discounted
// return, without it what all code takes.
at::Tensor EpisodeDiscounts(const Steps& steps, double gamma);

// 1 for a step of an episode that ends in its unroll, else 0. `end` [T, B]: an End.
at::Tensor InEndedEpisodes(const at::Tensor& end);

}  // namespace drover

#endif  // DROVER_AGENT_RETURNS_POLICY_WEIGHTS_H_
