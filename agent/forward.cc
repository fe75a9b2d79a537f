#include "agent/forward.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones_like.h>

namespace drover {
namespace {

// Model::Sequences::keep of T + 1 steps: what came before the first is the state's affair.
at::Tensor Keep(const Batch& batch) {
  const at::Tensor running =
      (batch.end == static_cast<int64_t>(End::kRunning)).to(batch.observation.scalar_type());
  return at::cat({at::ones_like(running.narrow(0, 0, 1)), running});
}

}  // namespace

BatchOutput ForwardBatch(const Model& model, const Batch& batch) {
  const int64_t steps = batch.steps();
  const int64_t unrolls = batch.unrolls();
  const int64_t rows = steps * unrolls;
  const int64_t finals = batch.final_position.size(0);
  Model::Output output;
  if (model.state_elements() > 0) {
    output = model.Forward({batch.observation, batch.state, Keep(batch), batch.final_observation,
                            batch.final_position});
  } else {
    at::Tensor observation = batch.observation.flatten(0, 1);
    if (finals > 0) observation = at::cat({observation, batch.final_observation});
    output = model.Forward(observation);
  }
  const at::Tensor value = output.value.detach();
  at::Tensor next_value = value.narrow(0, unrolls, rows);
  if (finals > 0) {
    next_value =
        next_value.index_copy(0, batch.final_position, value.narrow(0, rows + unrolls, finals));
  }
  BatchOutput all;
  all.policy = output.policy.narrow(0, 0, rows).view({steps, unrolls, -1});
  all.value = output.value.narrow(0, 0, rows).view({steps, unrolls});
  all.next_value = next_value.view({steps, unrolls});
  if (output.action_value.defined()) {
    all.action_value = output.action_value.narrow(0, 0, rows).view({steps, unrolls, -1});
  }
  return all;
}

Model::Output ForwardUnrolls(const Model& model, const Batch& batch, const at::Tensor& columns) {
  const int64_t steps = batch.steps();
  return model.Forward({batch.observation.narrow(0, 0, steps).index_select(1, columns),
                        batch.state.index_select(0, columns),
                        Keep(batch).narrow(0, 0, steps).index_select(1, columns), at::Tensor(),
                        at::Tensor()});
}

}  // namespace drover
