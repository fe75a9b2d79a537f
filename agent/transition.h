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
// Weights are inverse_probability^β, divided by their largest unless loss.raw_priority_weights
// (Schaul et al. 2016, arXiv:1511.05952, section 3.4); `beta` is 0 for none.
Transition MakeTransition(const Batch& batch, const Experiment& config, double beta);

}  // namespace drover

#endif  // DROVER_AGENT_TRANSITION_H_
