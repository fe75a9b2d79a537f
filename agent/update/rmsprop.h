#ifndef DROVER_AGENT_UPDATE_RMSPROP_H_
#define DROVER_AGENT_UPDATE_RMSPROP_H_

#include "agent/update/update_rule.h"

namespace drover {

// RMSProp (Tieleman and Hinton 2012), v starting at 0:
//   v ← decay v + (1−decay) g²
//   step = g / (√v + ε)  outside, as LibTorch;  g / √(v + ε)  inside, as TensorFlow
//   b ← momentum b + step,  p ← p − rate b
class RmsPropRule final : public UpdateRule {
 public:
  RmsPropRule(const RmsProp& config, const at::Tensor& parameters);

  void Apply(const at::Tensor& parameters, const at::Tensor& gradient, double rate) override;
  NamedTensors State() const override;

 private:
  const RmsProp config_;
  at::Tensor v_;         // [P]
  at::Tensor momentum_;  // [P] b
};

}  // namespace drover

#endif  // DROVER_AGENT_UPDATE_RMSPROP_H_
