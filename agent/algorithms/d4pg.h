#ifndef DROVER_AGENT_ALGORITHMS_D4PG_H_
#define DROVER_AGENT_ALGORITHMS_D4PG_H_

#include "agent/algorithms/algorithm.h"

namespace drover {

// D4PG (Barth-Maron et al. 2018, arXiv:1804.08617) differs from DDPG in a critic that knows the
// distribution of returns, as probabilities p of K atoms z, in n steps and prioritized replay:
//   target: r + γ z with the probabilities of the target networks at μ'(x'), projected onto z
//   critic: w · cross-entropy to the target, which is the priority, too
//   policy: −Σ z p(x, μ(x))
// Weights are the paper's raw 1 / (N P(i)).
Algorithm D4pg();

}  // namespace drover

#endif  // DROVER_AGENT_ALGORITHMS_D4PG_H_
