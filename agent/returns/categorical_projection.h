#ifndef DROVER_AGENT_RETURNS_CATEGORICAL_PROJECTION_H_
#define DROVER_AGENT_RETURNS_CATEGORICAL_PROJECTION_H_

#include <ATen/core/Tensor.h>

namespace drover {

// A return that is known as a distribution over atoms, moved onto `support` [K], ascending: each
// atom is clipped to the support and its mass split between the two nearest, in proportion to how
// near they are (Bellemare et al. 2017, arXiv:1707.06887, eq. 7), so that the mean stays where
// nothing is clipped. atoms, mass [N, M] -> [N, K]. No gradients.
at::Tensor ProjectCategorical(const at::Tensor& atoms, const at::Tensor& mass,
                              const at::Tensor& support);

// The same for r + discount · z of the atoms z with softmax(next_logits) [N, K]: what a
// distributional critic learns. reward, discount [N].
at::Tensor CategoricalTarget(const at::Tensor& reward, const at::Tensor& discount,
                             const at::Tensor& next_logits, const at::Tensor& support);

}  // namespace drover

#endif  // DROVER_AGENT_RETURNS_CATEGORICAL_PROJECTION_H_
