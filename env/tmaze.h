#ifndef DROVER_ENV_TMAZE_H_
#define DROVER_ENV_TMAZE_H_

#include "env/environment.h"

namespace drover {

// TMaze-v0: a sign at the start of a corridor says which way to turn at its end, where the sign is
// no longer seen. After Bakker, "Reinforcement Learning with Long Short-Term Memory" (2001); the id
// is ours. The smallest test of memory: who has none scores 0 at best.
//
// Observation, [3]: the sign, 1 or -1, at the first step of an episode only; 1 at the junction; 1
// in the corridor. The junction is L steps from the start. Action: 0 goes forward, 1 up, 2 down.
// Reward: at the junction, up or down gives 1 if the sign said so (up for 1), else -1; an action
// that leads nowhere gives -0.01; a step forward 0.
// Terminates with a turn at the junction; truncated after 3 L steps.
class TMaze : public Environment {
 public:
  static constexpr int kDefaultLength = 10;

  explicit TMaze(int length = kDefaultLength);

 private:
  void DoReset(Random& random, float* observation) override;
  StepResult DoStep(const Action& action, float* observation) override;
  void DoSaveOrRestore(Archive* archive) override;

  const int length_;  // L, 1 or more
  int sign_ = 1;      // 1 or -1
  int position_ = 0;
};

}  // namespace drover

#endif  // DROVER_ENV_TMAZE_H_
