#include "env/rare_bandit.h"

namespace drover {
namespace {

constexpr int32_t kArms = 1000;
constexpr int32_t kBest = 777;
constexpr int32_t kEvery = 10;  // of the others that pay
constexpr float kLow = 0.1F;

}  // namespace

RareBandit::RareBandit() : Bandit("RareBandit-v0", Space::Discrete(kArms)) {}

float RareBandit::Payoff(const Action& action) const {
  if (action.discrete == kBest) return 1;
  return action.discrete % kEvery == 0 ? kLow : 0;
}

}  // namespace drover
