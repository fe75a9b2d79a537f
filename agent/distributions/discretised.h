#ifndef DROVER_AGENT_DISTRIBUTIONS_DISCRETISED_H_
#define DROVER_AGENT_DISTRIBUTIONS_DISCRETISED_H_

#include "agent/distributions/action_scale.h"
#include "agent/distributions/categorical.h"
#include "agent/distributions/distribution.h"

namespace drover {

// One of K actions a dimension, evenly spaced from bound to bound of a box, each
// dimension with a softmax of its own (Tang and Agrawal 2020, arXiv:1901.10500).
// Parameters are logits [..., D · K], dimension by dimension. Log-probabilities
// and entropies are those of the choice, no densities. A sample takes D uniform
// numbers; LogProb takes the nearest choice to the action.
class Discretised final : public Distribution {
 public:
  Discretised(const Space& action, int64_t bins) : scale_(action), bins_(bins), choice_(bins) {}

  int64_t parameter_count() const override { return scale_.size() * bins_; }
  int64_t noise_count() const override { return scale_.size(); }

  at::Tensor LogProb(const at::Tensor& parameters, const at::Tensor& action) const override;
  at::Tensor Entropy(const at::Tensor& parameters) const override;
  at::Tensor Kl(const at::Tensor& p, const at::Tensor& q) const override;
  at::Tensor Mode(const at::Tensor& parameters) const override;
  Draw Sample(const at::Tensor& parameters, const at::Tensor& uniform) const override;

 private:
  at::Tensor Logits(const at::Tensor& parameters) const;  // [..., D, K]
  at::Tensor ToAction(const at::Tensor& choice) const;    // [..., D] int64 -> float32

  const ActionScale scale_;
  const int64_t bins_;  // K, 2 or more
  const Categorical choice_;
};

}  // namespace drover

#endif  // DROVER_AGENT_DISTRIBUTIONS_DISCRETISED_H_
