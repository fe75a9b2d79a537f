#include "agent/distributions/beta.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/digamma.h>
#include <ATen/ops/lgamma.h>
#include <ATen/ops/log_sigmoid.h>

#include <algorithm>
#include <cmath>

#include "agent/distributions/sample_rows.h"
#include "common/random.h"

namespace drover {
namespace {

constexpr double kEdge = 1e-6;
constexpr double kLog2 = 0.6931471805599453;

// Both of [..., D], above 1. In float64: logarithms of Γ cancel where they are large.
struct Shapes {
  at::Tensor alpha;
  at::Tensor beta;

  static Shapes Of(const at::Tensor& parameters) {
    const at::Tensor both = 1 - at::log_sigmoid(-parameters.to(at::kDouble));  // 1 + softplus
    const int64_t size = parameters.size(-1) / 2;
    return {both.narrow(-1, 0, size), both.narrow(-1, size, size)};
  }

  at::Tensor Sum() const { return alpha + beta; }
  at::Tensor LogNormalizer() const {  // log B(α, β)
    return at::lgamma(alpha) + at::lgamma(beta) - at::lgamma(Sum());
  }
};

double Softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

// A Gamma number of this shape, at least 1, and scale 1 (Marsaglia and Tsang 2000).
double Gamma(double shape, Random* random) {
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double normal = random->Normal();
    const double root = 1 + c * normal;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double u = 1 - random->Uniform();  // above 0
    if (std::log(u) < 0.5 * normal * normal + d * (1 - v + std::log(v))) return d * v;
  }
}

double LogProb(double x, double alpha, double beta) {
  return (alpha - 1) * std::log(x) + (beta - 1) * std::log1p(-x) -
         (std::lgamma(alpha) + std::lgamma(beta) - std::lgamma(alpha + beta));
}

}  // namespace

at::Tensor Beta::LogProb(const at::Tensor& parameters, const at::Tensor& action) const {
  const Shapes shapes = Shapes::Of(parameters);
  const at::Tensor x = ((scale_.ToUnit(action.to(at::kDouble)) + 1) / 2).clamp(kEdge, 1 - kEdge);
  const at::Tensor log_density =
      (shapes.alpha - 1) * x.log() + (shapes.beta - 1) * (-x).log1p() - shapes.LogNormalizer();
  return ((log_density - kLog2).sum(-1) - scale_.log_volume()).to(parameters.scalar_type());
}

at::Tensor Beta::Entropy(const at::Tensor& parameters) const {
  const Shapes shapes = Shapes::Of(parameters);
  const at::Tensor entropy =
      shapes.LogNormalizer() - (shapes.alpha - 1) * at::digamma(shapes.alpha) -
      (shapes.beta - 1) * at::digamma(shapes.beta) + (shapes.Sum() - 2) * at::digamma(shapes.Sum());
  return ((entropy + kLog2).sum(-1) + scale_.log_volume()).to(parameters.scalar_type());
}

at::Tensor Beta::Kl(const at::Tensor& p, const at::Tensor& q) const {
  const Shapes one = Shapes::Of(p);
  const Shapes other = Shapes::Of(q);
  const at::Tensor kl = other.LogNormalizer() - one.LogNormalizer() +
                        (one.alpha - other.alpha) * at::digamma(one.alpha) +
                        (one.beta - other.beta) * at::digamma(one.beta) +
                        (other.Sum() - one.Sum()) * at::digamma(one.Sum());
  return kl.sum(-1).to(p.scalar_type());
}

at::Tensor Beta::Mode(const at::Tensor& parameters) const {
  const Shapes shapes = Shapes::Of(parameters);
  const at::Tensor unit = (shapes.alpha - shapes.beta) / shapes.Sum();  // 2 α/(α+β) − 1
  return scale_.ToAction(unit).to(parameters.scalar_type());
}

Distribution::Draw Beta::Sample(const at::Tensor& parameters, const at::Tensor& uniform) const {
  const SampleRows rows(parameters, uniform, scale_.size());
  for (int64_t i = 0; i < rows.size(); ++i) {
    const auto bits = [&rows, i](int64_t k) {
      return static_cast<uint64_t>(static_cast<double>(rows.noise(i, k)) * 0x1p24);
    };
    Random random({bits(0), bits(1)});
    double log_prob = -scale_.log_volume();
    for (int64_t d = 0; d < scale_.size(); ++d) {
      const double alpha = 1 + Softplus(rows.parameter(i, d));
      const double beta = 1 + Softplus(rows.parameter(i, scale_.size() + d));
      const double first = Gamma(alpha, &random);
      const double drawn = first / (first + Gamma(beta, &random));
      const double kept = std::clamp(drawn, kEdge, 1 - kEdge);
      rows.action(i, d) = static_cast<float>(scale_.centre(d) + scale_.half(d) * (2 * kept - 1));
      // Of the action as it is recorded.
      const double unit =
          (static_cast<double>(rows.action(i, d)) - scale_.centre(d)) / scale_.half(d);
      const double x = std::clamp((unit + 1) / 2, kEdge, 1 - kEdge);
      log_prob += drover::LogProb(x, alpha, beta) - kLog2;
    }
    rows.log_prob(i) = static_cast<float>(log_prob);
  }
  return rows.draw();
}

}  // namespace drover
