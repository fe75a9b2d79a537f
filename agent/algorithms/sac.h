#ifndef DROVER_AGENT_ALGORITHMS_SAC_H_
#define DROVER_AGENT_ALGORITHMS_SAC_H_

#include "agent/algorithms/algorithm.h"

namespace drover {

// SAC with a fixed temperature α (Haarnoja et al. 2018, arXiv:1801.01290 and 1812.05905): a
// stochastic policy is paid for its entropy. With two critics, a' and ã fresh from π:
//   y = r + γ (min Q'(x', a') − α log π(a'|x'))          critics: ½ w (Q_i(x, a) − y)²
//   policy: α log π(ã|x) − min Q(x, ã)                   with the critics held still
// With model.critics.value, as in the first paper, a value network stands between them:
//   V: ½ (V(x) − (min Q(x, ã) − α log π(ã|x)))²,  y = r + γ V'(x')
Algorithm Sac();

// The same with α learned (arXiv:1812.05905, eq. 18), so that the policy keeps an entropy H:
//   log α: −log α (log π(ã|x) + H)
Algorithm SacAuto();

}  // namespace drover

#endif  // DROVER_AGENT_ALGORITHMS_SAC_H_
