#ifndef DROVER_AGENT_DISTRIBUTIONS_DISTRIBUTION_H_
#define DROVER_AGENT_DISTRIBUTIONS_DISTRIBUTION_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "common/check.h"

namespace drover {

// A family of distributions over actions. What a network's policy head gives
// are its parameters, [..., P]; actions are [...] or [..., D], in the
// environment's units; results are [...].
//
// Stateless: safe from any thread. All functions but Sample and Mode carry
// gradients to the parameters. Invariant: Sample and Mode are deterministic
// functions of their arguments; whoever samples owns the noise.
class Distribution {
 public:
  struct Draw {
    at::Tensor action;    // [...] int64 or [..., D] float32
    at::Tensor log_prob;  // [...] log π(action): what LogProb says, up to rounding
  };

  virtual ~Distribution() = default;

  virtual int64_t parameter_count() const = 0;  // P
  virtual int64_t noise_count() const = 0;      // uniform numbers that a sample takes

  virtual at::Tensor LogProb(const at::Tensor& parameters, const at::Tensor& action) const = 0;
  virtual at::Tensor Entropy(const at::Tensor& parameters) const = 0;
  virtual at::Tensor Kl(const at::Tensor& p, const at::Tensor& q) const = 0;  // KL(p ‖ q)
  virtual at::Tensor Mode(const at::Tensor& parameters) const = 0;  // how a greedy policy acts
  // How actors act: once a step, so it is quick for few rows. `uniform` [..., noise_count()] of
  // [0, 1); both float32 on the CPU.
  virtual Draw Sample(const at::Tensor& parameters, const at::Tensor& uniform) const = 0;

  // How SAC, DDPG and their kin learn: the action that standard normal noise [..., D] leads to,
  // and its log-probability, with the gradient of both to the parameters. Only for families that
  // say so; another one has no such function.
  virtual bool reparameterized() const { return false; }
  virtual Draw Reparameterize(const at::Tensor& /*parameters*/,
                              const at::Tensor& /*normal*/) const {
    DROVER_CHECK(false) << "a family that is not reparameterized";
    return {};
  }
};

}  // namespace drover

#endif  // DROVER_AGENT_DISTRIBUTIONS_DISTRIBUTION_H_
