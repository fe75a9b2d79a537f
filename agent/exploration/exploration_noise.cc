#include "agent/exploration/exploration_noise.h"

#include <algorithm>
#include <cmath>

namespace drover {

double ExplorationSigma(const Exploration& config, uint64_t rank, uint64_t actors) {
  if (actors < 2 || config.sigma() <= 0) return config.sigma();
  // A run that was scaled up has more than the config says.
  const double share =
      static_cast<double>(std::min(rank, actors - 1)) / static_cast<double>(actors - 1);
  return config.sigma() * std::pow(config.sigma_last() / config.sigma(), share);
}

ExplorationNoise::ExplorationNoise(const Exploration& config, const Space& action,
                                   int64_t environments, double sigma, const Random& random)
    : kind_(config.noise()),
      scale_(action),
      process_{config.theta(), sigma, config.dt()},
      random_(random),
      state_(static_cast<size_t>(environments * scale_.size())) {}

float ExplorationNoise::Next(size_t i) {
  const auto normal = static_cast<float>(random_.Normal());
  if (kind_ == Exploration::Noise::gaussian) return static_cast<float>(process_.sigma) * normal;
  state_[i] = process_.Next(state_[i], normal);
  return state_[i];
}

void ExplorationNoise::Add(float* actions) {
  if (kind_ != Exploration::Noise::gaussian && kind_ != Exploration::Noise::ornstein_uhlenbeck) {
    return;
  }
  for (size_t i = 0; i < state_.size(); ++i) {
    const auto d = static_cast<int64_t>(i) % scale_.size();
    const float noisy = actions[i] + static_cast<float>(scale_.half(d)) * Next(i);
    actions[i] = std::clamp(noisy, scale_.low(d), scale_.high(d));
  }
}

void ExplorationNoise::DrawUniform(float* actions) {
  for (size_t i = 0; i < state_.size(); ++i) {
    const auto d = static_cast<int64_t>(i) % scale_.size();
    const double drawn = scale_.centre(d) + scale_.half(d) * random_.Uniform(-1, 1);
    actions[i] = std::clamp(static_cast<float>(drawn), scale_.low(d), scale_.high(d));
  }
}

void ExplorationNoise::Restart(int64_t environment) {
  std::fill_n(state_.begin() + environment * scale_.size(), scale_.size(), 0.0F);
}

void ExplorationNoise::SaveOrRestore(Archive* archive) {
  archive->Value(&random_);
  for (float& number : state_) archive->Value(&number);
}

}  // namespace drover
