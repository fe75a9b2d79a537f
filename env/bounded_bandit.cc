#include "env/bounded_bandit.h"

#include <algorithm>
#include <cmath>

namespace drover {
namespace {

constexpr float kBound = 1;
constexpr float kBest = 0.5F;
constexpr float kSlope = 5;
constexpr float kWorst = -1;

}  // namespace

BoundedBandit::BoundedBandit() : Bandit("BoundedBandit-v0", Space::Box({1}, -kBound, kBound)) {}

float BoundedBandit::Payoff(const Action& action) const {
  const float x = action.continuous[0];
  if (std::abs(x) > kBound) return 0;
  return std::max(kWorst, 1 - kSlope * std::abs(x - kBest));
}

}  // namespace drover
