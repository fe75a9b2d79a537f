#ifndef DROVER_ENV_BOUNDED_BANDIT_H_
#define DROVER_ENV_BOUNDED_BANDIT_H_

#include "env/bandit.h"

namespace drover {

// BoundedBandit-v0: a machine that ignores what lies outside of its bounds. After the first failure
// mode of PPO in Hsu et al., "Revisiting Design Choices in Proximal Policy Optimization" (2020):
// a policy without bounds leaves them, and finds no reward there that would lead it back. The id is
// ours.
//
// Observation: Bandit's.
// Action, [1]: a number within ±1; what lies outside is heard, and does nothing.
// Reward: within the bounds 1 - 5 |action - 0.5|, but at least -1; outside 0.
class BoundedBandit : public Bandit {
 public:
  BoundedBandit();

 private:
  float Payoff(const Action& action) const override;
};

}  // namespace drover

#endif  // DROVER_ENV_BOUNDED_BANDIT_H_
