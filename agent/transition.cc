#include "agent/transition.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <utility>

#include "env/environment.h"

namespace drover {
namespace {

// Row `row` [B] of each column of x [T, B, …].
at::Tensor Pick(const at::Tensor& x, const at::Tensor& row) {
  const int64_t columns = x.size(1);
  const at::Tensor flat = row * columns + at::arange(columns, row.options());
  return x.flatten(0, 1).index_select(0, flat);
}

// x_{t+m} of each column; `last` [B]: m − 1.
at::Tensor NextObservation(const Batch& batch, const at::Tensor& last) {
  const at::Tensor next = Pick(batch.observation, last + 1);
  if (batch.final_position.size(0) == 0) return next;
  // A truncation further on in the window is none of this transition's.
  const at::Tensor column = batch.final_position.remainder(batch.unrolls());
  const at::Tensor step = batch.final_position.floor_divide(batch.unrolls());
  const at::Tensor ours = step == last.index_select(0, column);
  std::vector<int64_t> like(static_cast<size_t>(next.dim()), 1);
  like[0] = -1;
  // A column may have several truncations, of which one at most is ours: so they are added.
  const at::Tensor difference = batch.final_observation - next.index_select(0, column);
  return next.index_add(0, column, at::where(ours.view(like), difference, 0.0));
}

}  // namespace

Transition MakeTransition(const Batch& batch, const Returns& config) {
  const auto n = static_cast<int64_t>(config.n_step());
  const at::ScalarType real = batch.reward.scalar_type();
  at::Tensor reward = batch.reward[0];
  at::Tensor running = (batch.end[0] == static_cast<int64_t>(End::kRunning)).to(real);
  at::Tensor discount =
      (batch.end[0] != static_cast<int64_t>(End::kTerminated)).to(real) * config.gamma();
  at::Tensor last = at::zeros_like(batch.end[0], at::kLong);
  for (int64_t k = 1; k < n; ++k) {
    reward = reward + running * discount * batch.reward[k];
    const at::Tensor survives =
        (batch.end[k] != static_cast<int64_t>(End::kTerminated)).to(real) * config.gamma();
    discount = discount * at::where(running > 0, survives, 1.0);
    last = last + running.to(at::kLong);
    running = running * (batch.end[k] == static_cast<int64_t>(End::kRunning)).to(real);
  }
  Transition step;
  step.observation = batch.observation[0];
  step.action = batch.action[0];
  step.reward = reward * config.reward_scale();
  step.discount = std::move(discount);
  step.next_observation = NextObservation(batch, last);
  if (batch.steps() > n) step.next_action = Pick(batch.action, last + 1);
  step.weight = batch.weight.defined() ? batch.weight : at::ones_like(reward);
  return step;
}

Transition EveryTransition(const Batch& batch, const Returns& config) {
  const int64_t last = batch.steps() - 1;
  Transition step;
  step.observation = batch.observation.narrow(0, 0, last + 1).flatten(0, 1);
  step.action = batch.action.flatten(0, 1);
  step.reward = batch.reward.flatten() * config.reward_scale();
  const at::Tensor end = batch.end.flatten();
  step.discount = (end != static_cast<int64_t>(End::kTerminated)).to(at::kFloat) * config.gamma();
  step.next_observation = batch.observation.narrow(0, 1, last + 1)
                              .flatten(0, 1)
                              .index_copy(0, batch.final_position, batch.final_observation);
  step.next_action = batch.action.roll(-1, 0).flatten(0, 1);
  step.weight = (end != static_cast<int64_t>(End::kTruncated)).to(at::kFloat);
  step.weight.view({last + 1, -1})[last].zero_();
  return step;
}

}  // namespace drover
