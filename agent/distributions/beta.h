#ifndef DROVER_AGENT_DISTRIBUTIONS_BETA_H_
#define DROVER_AGENT_DISTRIBUTIONS_BETA_H_

#include "agent/distributions/action_scale.h"
#include "agent/distributions/distribution.h"

namespace drover {

// D independent Beta(α, β) over the bounds of a box (Chou et al. 2017):
//   action = low + (high − low) x,  x ~ Beta(α, β),  α = 1 + softplus(raw)
// Parameters are [..., 2D]: raw α, then raw β; above 1 both, so that there is
// one mode. x is kept within 1e-6 of the bounds, where the density may be 0.
// A greedy policy takes the mean, as the paper's does.
//
// A sample takes two uniform numbers: they seed the rejection sampler of
// Marsaglia and Tsang, which needs an unknown count of them.
class Beta final : public Distribution {
 public:
  explicit Beta(const Space& action) : scale_(action) {}

  int64_t parameter_count() const override { return 2 * scale_.size(); }
  int64_t noise_count() const override { return 2; }

  at::Tensor LogProb(const at::Tensor& parameters, const at::Tensor& action) const override;
  at::Tensor Entropy(const at::Tensor& parameters) const override;
  at::Tensor Kl(const at::Tensor& p, const at::Tensor& q) const override;
  at::Tensor Mode(const at::Tensor& parameters) const override;  // the mean
  Draw Sample(const at::Tensor& parameters, const at::Tensor& uniform) const override;

 private:
  const ActionScale scale_;
};

}  // namespace drover

#endif  // DROVER_AGENT_DISTRIBUTIONS_BETA_H_
