#ifndef DROVER_AGENT_DISTRIBUTIONS_DETERMINISTIC_H_
#define DROVER_AGENT_DISTRIBUTIONS_DETERMINISTIC_H_

#include "agent/distributions/action_scale.h"
#include "agent/distributions/distribution.h"

namespace drover {

// One action: centre + half · tanh(parameters), [..., D], of a bounded box; the
// policies of DPG, DDPG, TD3 and D4PG, which explore with noise of their own
// (agent/exploration). It has no density: LogProb, Entropy and Kl are 0, and
// samples take no noise, nor does Reparameterize look at it.
class Deterministic final : public Distribution {
 public:
  explicit Deterministic(const Space& action) : scale_(action) {}

  int64_t parameter_count() const override { return scale_.size(); }
  int64_t noise_count() const override { return 0; }

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

#endif  // DROVER_AGENT_DISTRIBUTIONS_DETERMINISTIC_H_
