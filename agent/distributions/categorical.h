#ifndef DROVER_AGENT_DISTRIBUTIONS_CATEGORICAL_H_
#define DROVER_AGENT_DISTRIBUTIONS_CATEGORICAL_H_

#include "agent/distributions/distribution.h"

namespace drover {

// One of n actions. Parameters are logits [..., n], p = softmax(logits);
// actions are int64 [...], 0 … n-1. A sample takes one uniform number u of
// [0, 1), uniform [..., 1], and is the inverse of the cumulative distribution:
// the first action with P(<= action) > u.
class Categorical final : public Distribution {
 public:
  explicit Categorical(int64_t n) : n_(n) {}

  int64_t parameter_count() const override { return n_; }
  int64_t noise_count() const override { return 1; }

  at::Tensor LogProb(const at::Tensor& logits, const at::Tensor& action) const override;
  at::Tensor Entropy(const at::Tensor& logits) const override;
  at::Tensor Kl(const at::Tensor& p, const at::Tensor& q) const override;
  at::Tensor Mode(const at::Tensor& logits) const override;
  Draw Sample(const at::Tensor& logits, const at::Tensor& uniform) const override;

 private:
  const int64_t n_;
};

}  // namespace drover

#endif  // DROVER_AGENT_DISTRIBUTIONS_CATEGORICAL_H_
