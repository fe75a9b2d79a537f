#ifndef DROVER_AGENT_ALGORITHMS_DPG_H_
#define DROVER_AGENT_ALGORITHMS_DPG_H_

#include "agent/algorithms/algorithm.h"

namespace drover {

// Deterministic policy gradients (Silver et al. 2014), without target networks unless the config
// has them lag (target_networks.tau below 1). The critic is a network, or compatible: linear in
// features of the policy, beside a value network, which makes the gradient exact (theorem 3).
//   on-policy, from the queue:     y = r + γ Q(x', a'), of the action really taken next (SARSA)
//   off-policy, from replay:       y = r + γ Q(x', μ(x')), of any behaviour, without weights
//   critic: ½ (Q(x, a) − y)²       policy: −Q(x, μ(x)) with the critic held still
Algorithm Dpg();
Algorithm DpgOff();

}  // namespace drover

#endif  // DROVER_AGENT_ALGORITHMS_DPG_H_
