#ifndef DROVER_AGENT_EXPLORATION_ORNSTEIN_UHLENBECK_H_
#define DROVER_AGENT_EXPLORATION_ORNSTEIN_UHLENBECK_H_

#include <cmath>

namespace drover {

// Noise that remembers (Uhlenbeck and Ornstein 1930; as exploration Lillicrap et al. 2016):
//   x ← x + θ (mean − x) dt + σ √dt ε,  ε ~ N(0, 1)
// Once it has run for long its deviation is σ / √(θ (2 − θ dt)).
struct OrnsteinUhlenbeck {
  double theta = 0.15;
  double sigma = 0.2;
  double dt = 1;
  double mean = 0;

  template <typename Real>
  Real Next(Real x, Real normal) const {
    const auto pull = static_cast<Real>(theta) * (static_cast<Real>(mean) - x);
    return x + pull * static_cast<Real>(dt) + static_cast<Real>(sigma * std::sqrt(dt)) * normal;
  }
};

}  // namespace drover

#endif  // DROVER_AGENT_EXPLORATION_ORNSTEIN_UHLENBECK_H_
