#ifndef DROVER_ENV_MOUNTAIN_CAR_CONTINUOUS_H_
#define DROVER_ENV_MOUNTAIN_CAR_CONTINUOUS_H_

#include "env/environment.h"

namespace drover {

// MountainCarContinuous-v0: a car in a valley, too weak to drive up at once, must swing itself to
// the flag on the right. Dynamics, spaces, rewards and limit of Gymnasium 1.x; after Moore,
// "Efficient Memory-based Learning for Robot Control" (1990).
//
// Observation, [2]: position in [-1.2, 0.6] and speed in [-0.07, 0.07]. The car starts at rest,
// uniform in [-0.6, -0.4).
// Action, [1]: force within ±1; what lies outside is clipped, but paid for.
// Reward: -0.1 force², and 100 for the flag.
// Terminates at the flag, position 0.45, unless it rolls backwards there; truncated after 999
// steps; solved at a mean return of 90.
class MountainCarContinuous : public Environment {
 public:
  // As Gymnasium's after a step, and here from the start, the state is float32.
  struct State {
    float position = 0;
    float velocity = 0;
  };

  MountainCarContinuous();

  // Goes on from this state instead. For tests that replay recorded episodes.
  void set_state(const State& state) { state_ = state; }

 private:
  void DoReset(Random& random, float* observation) override;
  StepResult DoStep(const Action& action, float* observation) override;
  void DoSaveOrRestore(Archive* archive) override;

  void Observe(float* observation) const;

  State state_;
};

}  // namespace drover

#endif  // DROVER_ENV_MOUNTAIN_CAR_CONTINUOUS_H_
