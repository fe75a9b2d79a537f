#include "agent/distributions/gaussian.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <cmath>

#include "agent/distributions/diagonal_normal.h"
#include "agent/distributions/normal_noise.h"
#include "agent/distributions/sample_rows.h"

namespace drover {

at::Tensor Gaussian::LogProb(const at::Tensor& parameters, const at::Tensor& action) const {
  return DiagonalNormal::Of(parameters).LogProb(scale_.ToUnit(action)) - scale_.log_volume();
}

at::Tensor Gaussian::Entropy(const at::Tensor& parameters) const {
  return DiagonalNormal::Of(parameters).Entropy() + scale_.log_volume();
}

at::Tensor Gaussian::Kl(const at::Tensor& p, const at::Tensor& q) const {
  return drover::Kl(DiagonalNormal::Of(p), DiagonalNormal::Of(q));
}

at::Tensor Gaussian::Mode(const at::Tensor& parameters) const {
  return scale_.ToAction(DiagonalNormal::Of(parameters).mean);
}

Distribution::Draw Gaussian::Sample(const at::Tensor& parameters, const at::Tensor& uniform) const {
  const SampleRows rows(parameters, NormalFromUniform(uniform), scale_.size());
  for (int64_t i = 0; i < rows.size(); ++i) {
    double log_prob = -scale_.log_volume();
    for (int64_t d = 0; d < scale_.size(); ++d) {
      const double mean = rows.parameter(i, d);
      const double log_std = rows.parameter(i, scale_.size() + d);
      const double unit = mean + std::exp(log_std) * static_cast<double>(rows.noise(i, d));
      float& action = rows.action(i, d);
      action = static_cast<float>(scale_.centre(d) + scale_.half(d) * unit);
      // Of the action as it is recorded: a small σ would blow up what rounding did to it.
      const double recorded = (static_cast<double>(action) - scale_.centre(d)) / scale_.half(d);
      log_prob += NormalLogProb(recorded, mean, log_std);
    }
    rows.log_prob(i) = static_cast<float>(log_prob);
  }
  return rows.draw();
}

Distribution::Draw Gaussian::Reparameterize(const at::Tensor& parameters,
                                            const at::Tensor& normal) const {
  const DiagonalNormal units = DiagonalNormal::Of(parameters);
  return {scale_.ToAction(units.At(normal)), units.LogProbAt(normal) - scale_.log_volume()};
}

}  // namespace drover
