#include "agent/distributions/diagonal_normal.h"

#include <ATen/TensorOperators.h>

namespace drover {

DiagonalNormal DiagonalNormal::Of(const at::Tensor& parameters) {
  const int64_t size = parameters.size(-1) / 2;
  return {parameters.narrow(-1, 0, size), parameters.narrow(-1, size, size)};
}

at::Tensor DiagonalNormal::At(const at::Tensor& normal) const {
  return mean + log_std.exp() * normal;
}

at::Tensor DiagonalNormal::LogProb(const at::Tensor& x) const {
  return LogProbAt((x - mean) * (-log_std).exp());
}

at::Tensor DiagonalNormal::LogProbAt(const at::Tensor& normal) const {
  return (normal.square() * -0.5 - log_std - kHalfLog2Pi).sum(-1);
}

at::Tensor DiagonalNormal::Entropy() const { return (log_std + (0.5 + kHalfLog2Pi)).sum(-1); }

at::Tensor Kl(const DiagonalNormal& p, const DiagonalNormal& q) {
  const at::Tensor log_ratio = p.log_std - q.log_std;
  const at::Tensor shift = (p.mean - q.mean) * (-q.log_std).exp();
  return ((log_ratio * 2).expm1() * 0.5 - log_ratio + shift.square() * 0.5).sum(-1);
}

}  // namespace drover
