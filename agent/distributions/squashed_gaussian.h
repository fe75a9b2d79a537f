#ifndef DROVER_AGENT_DISTRIBUTIONS_SQUASHED_GAUSSIAN_H_
#define DROVER_AGENT_DISTRIBUTIONS_SQUASHED_GAUSSIAN_H_

#include "agent/distributions/action_scale.h"
#include "agent/distributions/distribution.h"

namespace drover {

// A normal u, squashed into the bounds of a box (Haarnoja et al. 2018,
// arXiv:1801.01290, appendix C):
//   action = centre + half · tanh(u),  u ~ N(mean, σ²)
//   log π(action) = Σ log N(u) − 2 (log 2 − u − softplus(−2u)) − log half
// Parameters are [..., 2D]: means, then log σ, which is clamped to log_std_min
// … log_std_max. A sample takes D uniform numbers.
//
// LogProb and Sample go by the action as it is recorded, in float32: tanh(u)
// rounds, so that beyond |u| of 8 a recorded action stands for a range of u, and
// both take the same one of it: their ratio is 1. Reparameterize keeps u itself
// and is exact; Kl is that of u. Entropy has no closed form: it is the mean of 64 quantiles of u,
// right to about 1%.
class SquashedGaussian final : public Distribution {
 public:
  explicit SquashedGaussian(const Space& action, double log_std_min = -5, double log_std_max = 2)
      : scale_(action), log_std_min_(log_std_min), log_std_max_(log_std_max) {}

  int64_t parameter_count() const override { return 2 * scale_.size(); }
  int64_t noise_count() const override { return scale_.size(); }

  at::Tensor LogProb(const at::Tensor& parameters, const at::Tensor& action) const override;
  at::Tensor Entropy(const at::Tensor& parameters) const override;
  at::Tensor Kl(const at::Tensor& p, const at::Tensor& q) const override;
  at::Tensor Mode(const at::Tensor& parameters) const override;
  Draw Sample(const at::Tensor& parameters, const at::Tensor& uniform) const override;

  bool reparameterized() const override { return true; }
  Draw Reparameterize(const at::Tensor& parameters, const at::Tensor& normal) const override;

 private:
  const ActionScale scale_;
  const double log_std_min_;
  const double log_std_max_;
};

}  // namespace drover

#endif  // DROVER_AGENT_DISTRIBUTIONS_SQUASHED_GAUSSIAN_H_
