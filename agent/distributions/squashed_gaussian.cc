#include "agent/distributions/squashed_gaussian.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/atanh.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/log_sigmoid.h>

#include <algorithm>
#include <cmath>

#include "agent/distributions/diagonal_normal.h"
#include "agent/distributions/normal_noise.h"
#include "agent/distributions/sample_rows.h"

namespace drover {
namespace {

constexpr double kLog2 = 0.6931471805599453;
constexpr double kLargestTanh = 1 - 0x1p-25;  // what rounds to 1 in float32 is not infinitely far
constexpr int64_t kQuantiles = 64;

DiagonalNormal Clamped(const at::Tensor& parameters, double log_std_min, double log_std_max) {
  const DiagonalNormal normal = DiagonalNormal::Of(parameters);
  return {normal.mean, normal.log_std.clamp(log_std_min, log_std_max)};
}

// log |d tanh(u) / du|, without the cancellation of 1 − tanh².
at::Tensor LogSlope(const at::Tensor& u) { return (at::log_sigmoid(u * 2) - u + kLog2) * 2; }

double LogSlope(double u) {
  const double away = std::abs(u);  // the function is even
  return 2 * (kLog2 - away - std::log1p(std::exp(-2 * away)));
}

}  // namespace

// In float64, since the u of a recorded action may be many σ from the mean.
at::Tensor SquashedGaussian::LogProb(const at::Tensor& parameters, const at::Tensor& action) const {
  const at::Tensor unit = scale_.ToUnit(action.to(at::kDouble));
  const at::Tensor u = at::atanh(unit.clamp(-kLargestTanh, kLargestTanh));
  const DiagonalNormal normal = Clamped(parameters.to(at::kDouble), log_std_min_, log_std_max_);
  const at::Tensor log_prob = normal.LogProb(u) - LogSlope(u).sum(-1) - scale_.log_volume();
  return log_prob.to(parameters.scalar_type());
}

at::Tensor SquashedGaussian::Entropy(const at::Tensor& parameters) const {
  const DiagonalNormal normal = Clamped(parameters, log_std_min_, log_std_max_);
  const double first = 0.5 / kQuantiles;
  const at::Tensor quantiles = NormalFromUniform(
      at::linspace(first, 1 - first, kQuantiles, parameters.options().requires_grad(false)));
  const at::Tensor u =
      normal.mean.unsqueeze(-1) + normal.log_std.exp().unsqueeze(-1) * quantiles;  // [..., D, 64]
  return normal.Entropy() + LogSlope(u).mean(-1).sum(-1) + scale_.log_volume();
}

// Squashing both does not change it.
at::Tensor SquashedGaussian::Kl(const at::Tensor& p, const at::Tensor& q) const {
  return drover::Kl(Clamped(p, log_std_min_, log_std_max_), Clamped(q, log_std_min_, log_std_max_));
}

at::Tensor SquashedGaussian::Mode(const at::Tensor& parameters) const {
  return scale_.ToAction(DiagonalNormal::Of(parameters).mean.tanh());
}

Distribution::Draw SquashedGaussian::Sample(const at::Tensor& parameters,
                                            const at::Tensor& uniform) const {
  const SampleRows rows(parameters, NormalFromUniform(uniform), scale_.size());
  for (int64_t i = 0; i < rows.size(); ++i) {
    double log_prob = -scale_.log_volume();
    for (int64_t d = 0; d < scale_.size(); ++d) {
      const double mean = rows.parameter(i, d);
      const double log_std =
          std::clamp<double>(rows.parameter(i, scale_.size() + d), log_std_min_, log_std_max_);
      const double drawn = mean + std::exp(log_std) * static_cast<double>(rows.noise(i, d));
      float& action = rows.action(i, d);
      action = static_cast<float>(scale_.centre(d) + scale_.half(d) * std::tanh(drawn));
      action = std::clamp(action, scale_.low(d), scale_.high(d));
      const double unit = (static_cast<double>(action) - scale_.centre(d)) / scale_.half(d);
      const double u = std::atanh(std::clamp(unit, -kLargestTanh, kLargestTanh));
      log_prob += NormalLogProb(u, mean, log_std) - LogSlope(u);
    }
    rows.log_prob(i) = static_cast<float>(log_prob);
  }
  return rows.draw();
}

Distribution::Draw SquashedGaussian::Reparameterize(const at::Tensor& parameters,
                                                    const at::Tensor& normal) const {
  const DiagonalNormal units = Clamped(parameters, log_std_min_, log_std_max_);
  const at::Tensor u = units.At(normal);
  return {scale_.ToAction(u.tanh()),
          units.LogProbAt(normal) - LogSlope(u).sum(-1) - scale_.log_volume()};
}

}  // namespace drover
