#ifndef DROVER_ENV_RARE_BANDIT_H_
#define DROVER_ENV_RARE_BANDIT_H_

#include "env/bandit.h"

namespace drover {

// RareBandit-v0: a thousand arms, a hundred that pay a little and one that pays much. After the
// second failure mode of PPO in Hsu et al., "Revisiting Design Choices in Proximal Policy
// Optimization" (2020): what a clipped ratio gains does not depend on how high the reward was, so a
// rare high one is lost among many low ones. The id is ours.
//
// Observation: Bandit's.
// Action: 0 … 999. Reward: 1 for 777; 0.1 for 0, 10, … 990; else 0.
class RareBandit : public Bandit {
 public:
  RareBandit();

 private:
  float Payoff(const Action& action) const override;
};

}  // namespace drover

#endif  // DROVER_ENV_RARE_BANDIT_H_
