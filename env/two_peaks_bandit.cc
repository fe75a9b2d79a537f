#include "env/two_peaks_bandit.h"

#include <algorithm>
#include <cmath>

namespace drover {
namespace {

struct Peak {
  float place;
  float height;
  float slope;

  float At(float x) const { return height - slope * std::abs(x - place); }
};

constexpr Peak kNear = {0, 0.5F, 0.5F};
constexpr Peak kFar = {0.8F, 1, 10};

}  // namespace

TwoPeaksBandit::TwoPeaksBandit() : Bandit("TwoPeaksBandit-v0", Space::Box({1}, -1, 1)) {}

float TwoPeaksBandit::Payoff(const Action& action) const {
  const float x = action.continuous[0];
  return std::max({0.0F, kNear.At(x), kFar.At(x)});
}

}  // namespace drover
