#include "agent/distributions/discretised.h"

#include <ATen/TensorOperators.h>

namespace drover {

at::Tensor Discretised::Logits(const at::Tensor& parameters) const {
  return parameters.unflatten(-1, {scale_.size(), bins_});
}

at::Tensor Discretised::ToAction(const at::Tensor& choice) const {
  const double step = 2.0 / static_cast<double>(bins_ - 1);
  return scale_.ToAction(choice.to(at::kFloat) * step - 1);
}

at::Tensor Discretised::LogProb(const at::Tensor& parameters, const at::Tensor& action) const {
  const double steps = static_cast<double>(bins_ - 1) / 2;
  const at::Tensor nearest = ((scale_.ToUnit(action) + 1) * steps).round();
  const at::Tensor choice = nearest.clamp(0, bins_ - 1).to(at::kLong);
  return choice_.LogProb(Logits(parameters), choice).sum(-1);
}

at::Tensor Discretised::Entropy(const at::Tensor& parameters) const {
  return choice_.Entropy(Logits(parameters)).sum(-1);
}

at::Tensor Discretised::Kl(const at::Tensor& p, const at::Tensor& q) const {
  return choice_.Kl(Logits(p), Logits(q)).sum(-1);
}

at::Tensor Discretised::Mode(const at::Tensor& parameters) const {
  return ToAction(choice_.Mode(Logits(parameters)));
}

Distribution::Draw Discretised::Sample(const at::Tensor& parameters,
                                       const at::Tensor& uniform) const {
  const Draw draw = choice_.Sample(Logits(parameters), uniform.unsqueeze(-1));
  return {ToAction(draw.action), draw.log_prob.sum(-1)};
}

}  // namespace drover
