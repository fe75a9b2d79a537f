#ifndef DROVER_AGENT_LOSSES_CATEGORICAL_CRITIC_H_
#define DROVER_AGENT_LOSSES_CATEGORICAL_CRITIC_H_

#include <ATen/core/Tensor.h>

// A critic whose Q is a distribution: softmax(logits) [N, K] over a support [K] (Bellemare et al.
// 2017; D4PG: Barth-Maron et al. 2018, arXiv:1804.08617).
namespace drover {

// Σ z p   [N], with gradients: what a policy climbs.
at::Tensor CategoricalMean(const at::Tensor& logits, const at::Tensor& support);

// −Σ target log p   [N]: the loss of each step, and its priority in replay. `target` [N, K] are
// masses (agent/returns/categorical_projection.h), without gradient.
at::Tensor CategoricalCrossEntropy(const at::Tensor& logits, const at::Tensor& target);

// KL(target ‖ p)   [N]: the same but for the target's entropy, so 0 where nothing is left to learn.
at::Tensor CategoricalDivergence(const at::Tensor& logits, const at::Tensor& target);

}  // namespace drover

#endif  // DROVER_AGENT_LOSSES_CATEGORICAL_CRITIC_H_
