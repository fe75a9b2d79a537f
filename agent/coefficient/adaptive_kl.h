#ifndef DROVER_AGENT_COEFFICIENT_ADAPTIVE_KL_H_
#define DROVER_AGENT_COEFFICIENT_ADAPTIVE_KL_H_

namespace drover {

// PPO's penalty weight β after an update that moved the policy by `kl`
// (Schulman et al. 2017, arXiv:1707.06347, section 4): doubled above
// 1.5 target, halved below target / 1.5, else as it was.
double AdaptKlPenalty(double beta, double kl, double target);

}  // namespace drover

#endif  // DROVER_AGENT_COEFFICIENT_ADAPTIVE_KL_H_
