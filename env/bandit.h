#ifndef DROVER_ENV_BANDIT_H_
#define DROVER_ENV_BANDIT_H_

#include <string>

#include "env/environment.h"

namespace drover {

// An environment of one step: what an action pays depends on nothing but the action.
//
// Observation, [1]: a number in [-1, 1), drawn with each episode, that means nothing; a step leaves
// it as it is.
// Terminates with the first step, always.
class Bandit : public Environment {
 protected:
  Bandit(std::string id, Space action);

 private:
  // What the action pays: at most 1, which is what the best one does.
  virtual float Payoff(const Action& action) const = 0;

  void DoReset(Random& random, float* observation) override;
  StepResult DoStep(const Action& action, float* observation) override;
  void DoSaveOrRestore(Archive* archive) override;

  float noise_ = 0;  // in [-1, 1]
};

}  // namespace drover

#endif  // DROVER_ENV_BANDIT_H_
