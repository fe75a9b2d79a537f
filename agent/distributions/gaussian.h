#ifndef DROVER_AGENT_DISTRIBUTIONS_GAUSSIAN_H_
#define DROVER_AGENT_DISTRIBUTIONS_GAUSSIAN_H_

#include "agent/distributions/action_scale.h"
#include "agent/distributions/distribution.h"

namespace drover {

// A normal distribution with a diagonal covariance. Parameters are [..., 2D]: D
// means, then D logarithms of standard deviations; whether those depend on the
// observation is the model's affair. Both are in units of half the action
// space's width where that is finite (agent/distributions/action_scale.h).
// Actions are not clipped: the environment does it, and the log-probability is
// that of what was drawn. A sample takes D uniform numbers.
class Gaussian final : public Distribution {
 public:
  explicit Gaussian(const Space& action) : scale_(action) {}

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
};

}  // namespace drover

#endif  // DROVER_AGENT_DISTRIBUTIONS_GAUSSIAN_H_
