#ifndef DROVER_LEARNER_CHECKPOINT_TENSORS_H_
#define DROVER_LEARNER_CHECKPOINT_TENSORS_H_

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "agent/model/model.h"
#include "common/safetensors.h"
#include "learner/checkpoint.h"

// Between LibTorch's tensors and the arrays of checkpoints.
namespace drover {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// Arrays and the memory that they point to.
struct HostArrays {
  std::vector<at::Tensor> tensors;  // on the CPU, contiguous; the model's own where they can be
  std::vector<NamedArray> arrays;
};
HostArrays ToArrays(const NamedTensors& tensors);

// Copies.
NamedTensors ToTensors(const SafetensorsFile& file);

// Overwrites each of `targets` in place. INVALID_ARGUMENT, naming the array,
// and nothing is changed: the file has others, or other shapes or dtypes.
absl::Status CopyInto(const SafetensorsFile& file, const NamedTensors& targets);

// The weights of a checkpoint that was read (learner/checkpoint.h), or of the
// one in <run>/checkpoints/<version>. Errors as ReadCheckpoint and CopyInto.
absl::Status LoadCheckpointWeights(const Checkpoint& checkpoint, Model* model);
absl::Status LoadCheckpointWeights(const std::string& directory, Model* model);

}  // namespace drover

#endif  // DROVER_LEARNER_CHECKPOINT_TENSORS_H_
