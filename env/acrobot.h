#ifndef DROVER_ENV_ACROBOT_H_
#define DROVER_ENV_ACROBOT_H_

#include <array>

#include "env/environment.h"

namespace drover {

// Acrobot-v1: two links hang from a bar, a motor between them must swing the free end up. Dynamics
// ("book"), spaces, rewards and limit of Gymnasium 1.x; after Sutton, "Generalization in
// Reinforcement Learning" (1996).
//
// Observation, [6]: cosine and sine of the first link's angle from straight down, the same of the
// second's from the first, and both speeds (rad/s, within ±4π and ±9π). All four numbers of the
// state start uniform in [-0.1, 0.1).
// Action: torque -1, 0 or 1 N·m between the links, for 0.2 s.
// Reward: -1 a step, 0 for the last.
// Terminates when the free end is a link's length above the bar; truncated after 500 steps; solved
// at a mean return of -100.
class Acrobot : public Environment {
 public:
  // Angles θ1, θ2 (rad, within ±π) and their speeds.
  using State = std::array<double, 4>;

  Acrobot();

  // Goes on from this state instead. For tests that replay recorded episodes.
  void set_state(const State& state) { state_ = state; }

 private:
  void DoReset(Random& random, float* observation) override;
  StepResult DoStep(const Action& action, float* observation) override;
  void DoSaveOrRestore(Archive* archive) override;

  void Observe(float* observation) const;

  State state_{};
};

}  // namespace drover

#endif  // DROVER_ENV_ACROBOT_H_
