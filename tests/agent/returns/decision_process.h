#ifndef DROVER_TESTS_AGENT_RETURNS_DECISION_PROCESS_H_
#define DROVER_TESTS_AGENT_RETURNS_DECISION_PROCESS_H_

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <utility>

#include "agent/returns/returns.h"
#include "common/random.h"

namespace drover {

// Three states and two actions, small enough to be solved exactly. A step ends the episode with
// probability 0.2, else leads on; episodes start in state 0. All in float64.
class DecisionProcess {
 public:
  static constexpr int64_t kStates = 3;
  static constexpr int64_t kActions = 2;
  static constexpr double kGamma = 0.9;
  static constexpr double kEnds = 0.2;

  // V [3] of the policy softmax(logits [3, 2]), Q [3, 2], and J = V[0]; with gradients.
  at::Tensor V(const at::Tensor& logits) const {
    const at::Tensor p = at::softmax(logits, 1);
    const at::Tensor step = (p.unsqueeze(2) * next_).sum(1) * (1 - kEnds);  // [3, 3]
    return at::linalg_solve(at::eye(kStates, at::kDouble) - kGamma * step, (p * reward_).sum(1));
  }
  at::Tensor Q(const at::Tensor& logits) const {
    return reward_ + kGamma * (1 - kEnds) * next_.matmul(V(logits));
  }

  struct Play {
    at::Tensor state;   // [T, B] int64
    at::Tensor action;  // [T, B] int64
    Steps steps;        // with the exact V
    at::Tensor alive;   // [T, B] 1 until the first episode of a column has ended
  };

  // The first episode of each column; one that is still running after T steps bootstraps from V.
  Play Sample(const at::Tensor& logits, int64_t steps, int64_t columns, Random random) const {
    const at::Tensor p = at::softmax(logits.detach(), 1);
    const at::Tensor v = V(logits).detach();
    const at::Tensor zero = at::zeros({steps, columns}, at::kDouble);
    Play play{zero.to(at::kLong),
              zero.to(at::kLong),
              {zero.clone(), zero.clone(), zero.clone(), zero.clone(), zero.clone()},
              zero.clone()};
    for (int64_t b = 0; b < columns; ++b) {
      int64_t x = 0;
      bool alive = true;
      for (int64_t t = 0; t < steps && alive; ++t) {
        const int64_t a = random.Uniform() < At(p, x, 0) ? 0 : 1;
        play.state[t][b] = x;
        play.action[t][b] = a;
        play.alive[t][b] = 1;
        play.steps.reward[t][b] = At(reward_, x, a);
        play.steps.value[t][b] = v[x];
        alive = random.Uniform() >= kEnds;
        if (!alive) break;
        const double u = random.Uniform();
        const at::Tensor row = next_[x][a];
        x = u < row[0].item<double>() ? 0 : u < (row[0] + row[1]).item<double>() ? 1 : 2;
        play.steps.discount[t][b] = kGamma;
        play.steps.next_value[t][b] = v[x];
      }
    }
    return play;
  }

 private:
  static double At(const at::Tensor& table, int64_t row, int64_t column) {
    return table[row][column].item<double>();
  }

  // [3, 2, 3]: where an action leads, if the episode goes on.
  const at::Tensor next_ = at::tensor({0.1, 0.6, 0.3, 0.7, 0.2, 0.1, 0.3, 0.3, 0.4,  //
                                       0.0, 0.9, 0.1, 0.5, 0.0, 0.5, 0.2, 0.2, 0.6},
                                      at::kDouble)
                               .view({kStates, kActions, kStates});
  const at::Tensor reward_ =
      at::tensor({1.0, -0.5, 0.0, 2.0, -1.0, 0.5}, at::kDouble).view({kStates, kActions});
};

}  // namespace drover

#endif  // DROVER_TESTS_AGENT_RETURNS_DECISION_PROCESS_H_
