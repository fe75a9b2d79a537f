#ifndef DROVER_ENV_CATCH_H_
#define DROVER_ENV_CATCH_H_

#include "env/environment.h"

namespace drover {

// Catch-v0: a ball falls straight down a board, a paddle at the bottom must be under it. The
// "catch" of bsuite (Osband et al., "Behaviour Suite for Reinforcement Learning", 2020); Gymnasium
// has none, so the id is ours. Learnt in seconds: the smallest test of a learner.
//
// Observation, [10, 5]: the board by rows, top first; 1 where the ball or the paddle is, else 0.
// The ball starts in a random column of the top row, the paddle in the middle of the bottom row.
// Action: 0 moves the paddle left, 1 keeps it, 2 moves it right; the walls stop it.
// Reward: at the bottom 1 where the ball is caught, -1 where it is missed; before that 0.
// Terminates after 9 steps, always; there is no time limit.
class Catch : public Environment {
 public:
  Catch();

  // Moves the ball to another column. For tests that replay recorded episodes.
  void set_ball_column(int column) { ball_column_ = column; }

 private:
  void DoReset(Random& random, float* observation) override;
  StepResult DoStep(const Action& action, float* observation) override;
  void DoSaveOrRestore(Archive* archive) override;

  void Observe(float* observation) const;

  int ball_row_ = 0;
  int ball_column_ = 0;
  int paddle_column_ = 0;
};

}  // namespace drover

#endif  // DROVER_ENV_CATCH_H_
