#ifndef DROVER_AGENT_FORWARD_H_
#define DROVER_AGENT_FORWARD_H_

#include <ATen/core/Tensor.h>

#include "agent/batch.h"
#include "agent/model/model.h"

namespace drover {

// What a model says about the steps of a batch.
struct BatchOutput {
  at::Tensor policy;        // [T, B, A] distribution parameters
  at::Tensor value;         // [T, B] V(x_t)
  at::Tensor action_value;  // [T, B, n] Q(x_t, ·), where the model has them
  at::Tensor next_value;    // [T, B] V of step t's true successor, without gradient:
                            // x_{t+1}, or where the episode was truncated its final observation
};

// One forward pass over every observation of the batch, from the state that each unroll started
// with where the model has a memory. With gradients, unless the caller forbids them.
BatchOutput ForwardBatch(const Model& model, const Batch& batch);

// Of a model with memory: what it says about the steps of some unrolls, `columns` [n], in rows
// t * n + i.
Model::Output ForwardUnrolls(const Model& model, const Batch& batch, const at::Tensor& columns);

}  // namespace drover

#endif  // DROVER_AGENT_FORWARD_H_
