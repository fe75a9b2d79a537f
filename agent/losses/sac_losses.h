#ifndef DROVER_AGENT_LOSSES_SAC_LOSSES_H_
#define DROVER_AGENT_LOSSES_SAC_LOSSES_H_

#include <ATen/core/Tensor.h>

#include "agent/distributions/action_scale.h"

// Soft actor-critic (Haarnoja et al. 2018, arXiv:1801.01290 and arXiv:1812.05905), a number for
// each step [N]. `q` is the least of the critics at an action drawn from the policy, `log_prob` its
// log-probability; alpha [] is the temperature, without gradient.
namespace drover {

// q − α log π: what a state is worth. With target critics and the next state it is what Q's target
// bootstraps from; the first paper's V learns it of the state itself.
at::Tensor SoftValue(const at::Tensor& q, const at::Tensor& log_prob, const at::Tensor& alpha);

// α log π − q, with gradients through the action to the policy.
at::Tensor SoftPolicyLoss(const at::Tensor& q, const at::Tensor& log_prob, const at::Tensor& alpha);

// What moves log α [] so that the policy's entropy comes to `target`; log π carries no gradient.
// The common code's −log α (log π + target) moves on where α is tiny; the paper's, eq. 18, has α in
// its place. Their gradients have the same sign.
at::Tensor TemperatureLoss(const at::Tensor& log_alpha, const at::Tensor& log_prob, double target);
at::Tensor PaperTemperatureLoss(const at::Tensor& log_alpha, const at::Tensor& log_prob,
                                double target);

// The usual target, −dim A, is meant for actions in [-1, 1]: here in the environment's units, as
// log π is.
double DefaultTargetEntropy(const ActionScale& scale);

}  // namespace drover

#endif  // DROVER_AGENT_LOSSES_SAC_LOSSES_H_
