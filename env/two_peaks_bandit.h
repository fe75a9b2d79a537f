#ifndef DROVER_ENV_TWO_PEAKS_BANDIT_H_
#define DROVER_ENV_TWO_PEAKS_BANDIT_H_

#include "env/bandit.h"

namespace drover {

// TwoPeaksBandit-v0: a wide low peak where a policy starts, a narrow high one further off. After
// the third failure mode of PPO in Hsu et al., "Revisiting Design Choices in Proximal Policy
// Optimization" (2020): a policy of one mode climbs the peak that it stands on. The id is ours.
//
// Observation: Bandit's.
// Action, [1]: a number within ±1.
// Reward: the higher of 0.5 - 0.5 |action| and 1 - 10 |action - 0.8|, but at least 0.
class TwoPeaksBandit : public Bandit {
 public:
  TwoPeaksBandit();

 private:
  float Payoff(const Action& action) const override;
};

}  // namespace drover

#endif  // DROVER_ENV_TWO_PEAKS_BANDIT_H_
