#ifndef DROVER_AGENT_BATCH_H_
#define DROVER_AGENT_BATCH_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "env/environment.h"

namespace drover {

// What one train step learns from: B unrolls of T steps, time-major.
//
// The learner assembles it and owns it for the length of the train step; all
// tensors are on the learner's device. Unrolls share no state: row T of
// `observation` is what comes after the last step, and where an episode was
// truncated inside the unroll, the observation that really followed is in
// `final_observation` (row t+1 is the next episode's first).
struct Batch {
  at::Tensor observation;        // [T+1, B, …] float32
  at::Tensor action;             // [T, B] int64 (discrete) or [T, B, D] float32
  at::Tensor log_prob;           // [T, B] float32: log μ(a|x) of the policy that acted
  at::Tensor reward;             // [T, B] float32
  at::Tensor end;                // [T, B] uint8: an End (env/environment.h)
  at::Tensor final_observation;  // [K, …] float32, K may be 0
  at::Tensor final_position;     // [K] int64: t * B + b of each of them
  at::Tensor state;   // [B, S] float32: the model's memory at the first step; undefined: none
  at::Tensor weight;  // [B] float32 importance weights of replay; undefined: all 1

  int64_t steps() const { return reward.size(0); }
  int64_t unrolls() const { return reward.size(1); }
};

}  // namespace drover

#endif  // DROVER_AGENT_BATCH_H_
