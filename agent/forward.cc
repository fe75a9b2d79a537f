#include "agent/forward.h"

#include <ATen/ops/cat.h>

namespace drover {

BatchOutput ForwardBatch(const Model& model, const Batch& batch) {
  const int64_t steps = batch.steps();
  const int64_t unrolls = batch.unrolls();
  const int64_t rows = steps * unrolls;
  const int64_t finals = batch.final_position.size(0);
  at::Tensor observation = batch.observation.flatten(0, 1);
  if (finals > 0) observation = at::cat({observation, batch.final_observation});

  const Model::Output output = model.Forward(observation);
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

}  // namespace drover
