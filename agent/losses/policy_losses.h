#ifndef DROVER_AGENT_LOSSES_POLICY_LOSSES_H_
#define DROVER_AGENT_LOSSES_POLICY_LOSSES_H_

#include <ATen/core/Tensor.h>

// Losses of policies and values, a number for each step: [M] or [T, B] in,
// the same out. Who calls them reduces (mean or sum). Advantages, targets and
// recorded log-probabilities carry no gradient. All are to be minimised.
namespace drover {

// −log π(a|x) A   (Sutton et al. 2000; IMPALA puts ρ into A).
at::Tensor PolicyGradientLoss(const at::Tensor& log_prob, const at::Tensor& advantage);

// ½ (V − target)²
at::Tensor ValueLoss(const at::Tensor& value, const at::Tensor& target);

// −r A, r = π / μ: what TRPO and PPO's KL penalty improve (Schulman et al. 2017,
// arXiv:1707.06347, eq. 6).
at::Tensor SurrogateLoss(const at::Tensor& ratio, const at::Tensor& advantage);

// PPO, eq. 7: −min(r A, clip(r, 1−ε, 1+ε) A).
at::Tensor ClippedSurrogateLoss(const at::Tensor& ratio, const at::Tensor& advantage,
                                double epsilon);

// max of ValueLoss and that of V clipped to within ε of the old value, as in
// the code of the PPO paper.
at::Tensor ClippedValueLoss(const at::Tensor& value, const at::Tensor& old_value,
                            const at::Tensor& target, double epsilon);

// What tells how far a policy has moved; no losses.
at::Tensor ClipFraction(const at::Tensor& ratio, double epsilon);  // []: share with |r − 1| > ε
// r − 1 − log r >= 0, whose mean over actions of μ is KL(μ ‖ π).
at::Tensor KlEstimate(const at::Tensor& log_ratio);

}  // namespace drover

#endif  // DROVER_AGENT_LOSSES_POLICY_LOSSES_H_
