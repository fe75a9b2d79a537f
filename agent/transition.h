#ifndef DROVER_AGENT_TRANSITION_H_
#define DROVER_AGENT_TRANSITION_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "agent/batch.h"
#include "proto/experiment.pb.h"

namespace drover {

// What replay algorithms learn from: B steps that do not follow each other, each with the rewards
// of up to n steps and what came after them. Nothing carries gradients.
struct Transition {
  at::Tensor observation;       // [B, …] x_t
  at::Tensor action;            // [B, D] a_t, or [B] int64
  at::Tensor reward;            // [B] Σ_{k<m} γ^k r_{t+k}, scaled
  at::Tensor discount;          // [B] γ^m (1 − terminated)
  at::Tensor next_observation;  // [B, …] x_{t+m}: where the episode was truncated, its final one
  at::Tensor next_action;       // [B, D] a_{t+m}; undefined: the windows end before it
  at::Tensor weight;            // [B] importance weights
};

// From windows of at least returns.n_step steps: m is n_step, and less where the episode ended
// before. a_{t+m} is that of another episode where this one has ended.
Transition MakeTransition(const Batch& batch, const Returns& config);

// Every step of unrolls as they came, T · B of them, with one reward each. Weights are 0 where
// a_{t+1} is not known: at an unroll's last step, and at truncations.
Transition EveryTransition(const Batch& batch, const Returns& config);

}  // namespace drover

#endif  // DROVER_AGENT_TRANSITION_H_
