#ifndef DROVER_AGENT_DISTRIBUTIONS_DIAGONAL_NORMAL_H_
#define DROVER_AGENT_DISTRIBUTIONS_DIAGONAL_NORMAL_H_

#include <ATen/core/Tensor.h>

#include <cmath>

// What the Gaussian heads share: D independent normal numbers of mean and
// log σ [..., D]. Sums over D; with gradients.
namespace drover {

constexpr double kHalfLog2Pi = 0.9189385332046727;  // ½ log 2π

struct DiagonalNormal {
  at::Tensor mean;
  at::Tensor log_std;

  // Parameters [..., 2D] as they come: D means, then D log σ.
  static DiagonalNormal Of(const at::Tensor& parameters);

  at::Tensor At(const at::Tensor& normal) const;         // [..., D]: mean + σ · normal
  at::Tensor LogProb(const at::Tensor& x) const;         // [...]
  at::Tensor LogProbAt(const at::Tensor& normal) const;  // LogProb(At(normal)), exactly
  at::Tensor Entropy() const;                            // [...]
};

at::Tensor Kl(const DiagonalNormal& p, const DiagonalNormal& q);  // [...]: KL(p ‖ q)

// log of one number's density, for loops.
inline double NormalLogProb(double x, double mean, double log_std) {
  const double z = (x - mean) * std::exp(-log_std);
  return -0.5 * z * z - log_std - kHalfLog2Pi;
}

}  // namespace drover

#endif  // DROVER_AGENT_DISTRIBUTIONS_DIAGONAL_NORMAL_H_
