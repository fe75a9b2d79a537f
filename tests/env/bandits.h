#ifndef DROVER_TESTS_ENV_BANDITS_H_
#define DROVER_TESTS_ENV_BANDITS_H_

#include <gtest/gtest.h>

#include "env/bandit.h"

namespace drover {

// What an action pays, in an episode of its own.
inline float Pays(Bandit& bandit, const Action& action) {
  Random random({1});
  float observation = 0;
  bandit.Reset(random, &observation);
  const StepResult result = bandit.Step(action, &observation);
  EXPECT_EQ(result.end, End::kTerminated);
  return result.reward;
}

inline float Pays(Bandit& bandit, float action) { return Pays(bandit, Action{0, &action}); }

}  // namespace drover

#endif  // DROVER_TESTS_ENV_BANDITS_H_
