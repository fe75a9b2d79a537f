#ifndef DROVER_AGENT_UPDATE_POLYAK_H_
#define DROVER_AGENT_UPDATE_POLYAK_H_

#include <ATen/core/Tensor.h>

namespace drover {

// target ← target + τ (source − target), in place: a lagged copy follows (Lillicrap et al. 2016,
// algorithm 1); τ = 1 copies.
void Polyak(const at::Tensor& source, double tau, const at::Tensor& target);

}  // namespace drover

#endif  // DROVER_AGENT_UPDATE_POLYAK_H_
