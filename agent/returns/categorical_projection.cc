#include "agent/returns/categorical_projection.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bucketize.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>

namespace drover {

at::Tensor ProjectCategorical(const at::Tensor& atoms, const at::Tensor& mass,
                              const at::Tensor& support) {
  const int64_t size = support.size(0);
  const at::Tensor z = atoms.maximum(support[0]).minimum(support[-1]);
  // Between atoms `below` and `below` + 1 lies z; on an atom it is that one, whole.
  const at::Tensor below =
      (at::bucketize(z, support, /*out_int32=*/false, /*right=*/true) - 1).clamp(0, size - 2);
  const at::Tensor low = support.index_select(0, below.flatten()).view_as(z);
  const at::Tensor high = support.index_select(0, below.flatten() + 1).view_as(z);
  const at::Tensor upper = mass * ((z - low) / (high - low));
  return at::zeros({z.size(0), size}, mass.options())
      .scatter_add_(1, below, mass - upper)
      .scatter_add_(1, below + 1, upper);
}

at::Tensor CategoricalTarget(const at::Tensor& reward, const at::Tensor& discount,
                             const at::Tensor& next_logits, const at::Tensor& support) {
  return ProjectCategorical(reward.unsqueeze(1) + discount.unsqueeze(1) * support,
                            at::softmax(next_logits, 1), support);
}

}  // namespace drover
