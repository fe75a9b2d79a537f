#ifndef DROVER_AGENT_UPDATE_ADAM_H_
#define DROVER_AGENT_UPDATE_ADAM_H_

#include "agent/update/update_rule.h"

namespace drover {

// Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1), ε outside the root:
//   m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²
//   p ← p − rate · m̂ / (√v̂ + ε),  m̂ = m/(1−β₁ᵗ),  v̂ = v/(1−β₂ᵗ)
class AdamRule final : public UpdateRule {
 public:
  AdamRule(const Adam& config, const at::Tensor& parameters);

  void Apply(const at::Tensor& parameters, const at::Tensor& gradient, double rate) override;
  NamedTensors State() const override;

 private:
  const Adam config_;
  at::Tensor m_;     // [P]
  at::Tensor v_;     // [P]
  at::Tensor step_;  // [] float32: steps taken, t
};

}  // namespace drover

#endif  // DROVER_AGENT_UPDATE_ADAM_H_
