#ifndef DROVER_ENV_CARTPOLE_H_
#define DROVER_ENV_CARTPOLE_H_

#include "env/environment.h"

namespace drover {

// CartPole-v1: a pole stands on a cart that is pushed left or right and must not fall. Dynamics,
// spaces, rewards and limit of Gymnasium 1.x; after Barto, Sutton and Anderson, "Neuronlike
// Adaptive Elements That Can Solve Difficult Learning Control Problems" (1983).
//
// Observation, [4]: the cart's position (m) and speed (m/s), the pole's angle from upright (rad)
// and its speed (rad/s). They start uniform in [-0.05, 0.05).
// Action: 0 pushes left, 1 right, with 10 N for 0.02 s.
// Reward: 1 a step, the last one too.
// Terminates when the cart is further than 2.4 m from the middle or the pole leans more than 12°;
// truncated after 500 steps; solved at a mean return of 475.
class CartPole : public Environment {
 public:
  // The state is double: only observations are rounded to float32.
  struct State {
    double position = 0;
    double velocity = 0;
    double angle = 0;
    double angular_velocity = 0;
  };

  CartPole();

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

#endif  // DROVER_ENV_CARTPOLE_H_
