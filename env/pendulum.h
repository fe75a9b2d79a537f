#ifndef DROVER_ENV_PENDULUM_H_
#define DROVER_ENV_PENDULUM_H_

#include "env/environment.h"

namespace drover {

// Pendulum-v1: a rod hangs from a motor too weak to lift it at once and must be swung up and held.
// Dynamics, spaces, rewards and limit of Gymnasium 1.x.
//
// Observation, [3]: cosine and sine of the angle from upright, and its speed (rad/s, within ±8).
// The angle starts uniform in [-π, π), the speed in [-1, 1).
// Action, [1]: torque within ±2 N·m, for 0.05 s; what lies outside is clipped.
// Reward: -(angle² + 0.1 speed² + 0.001 torque²), of the state acted in; the angle within ±π.
// Never terminates; truncated after 200 steps. Nothing counts as solved; the best mean is about
// -150.
class Pendulum : public Environment {
 public:
  struct State {
    double angle = 0;  // not wrapped
    double angular_velocity = 0;
  };

  Pendulum();

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

#endif  // DROVER_ENV_PENDULUM_H_
