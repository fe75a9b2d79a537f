#ifndef DROVER_AGENT_ALGORITHMS_PPO_H_
#define DROVER_AGENT_ALGORITHMS_PPO_H_

#include "agent/algorithms/algorithm.h"

namespace drover {

// PPO with the clipped objective (Schulman et al. 2017, arXiv:1707.06347, eq. 7 and 9):
//   ratio = π(a|x) / μ(a|x), with the log μ that the actor recorded
//   loss = −min(ratio A, clip(ratio, 1−ε, 1+ε) A) + c_v ½ (R − V)² − c_e H[π]
// Advantages are GAE(λ), returns R = A + V, over several epochs of minibatches.
Algorithm Ppo();

// The same with a penalty in place of the clip (eq. 8):
//   loss = −ratio A + β KL(old ‖ new), exact; or KL(new ‖ old) (Hsu et al. 2020, arXiv:2009.10897)
// β adapts to Loss.kl.target after each batch, by the mean of its last epoch.
Algorithm PpoKl();

}  // namespace drover

#endif  // DROVER_AGENT_ALGORITHMS_PPO_H_
