#ifndef DROVER_LEARNER_CHECKPOINT_H_
#define DROVER_LEARNER_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/safetensors.h"
#include "learner/checkpoint_state.h"

// Checkpoints of a learner: directories <root>/<version>/ with
//   weights.safetensors    every parameter of the model by its name
//   optimizer.safetensors  the optimisers' state
//   state.json             CheckpointState
//   manifest.json          size and CRC-32C of the others
// Free of LibTorch (learner/checkpoint_tensors.h is the way to it).
// All calls may block on the disk; one process writes at a time.
namespace drover {

// Writes <root>/<state.version>/ beside its place, synced, and moves it there
// when it is whole; then removes all but the `keep` newest. Returns its path.
// FAILED_PRECONDITION: a learner of a newer epoch has written one; RESOURCE_EXHAUSTED:
// disk full, what was there before is as it was; other errors of common/file.h.
absl::StatusOr<std::string> WriteCheckpoint(const std::string& root, const CheckpointState& state,
                                            const std::vector<NamedArray>& weights,
                                            const std::vector<NamedArray>& optimizer, size_t keep);

struct Checkpoint {
  std::string path;
  CheckpointState state;
  SafetensorsFile weights;
  SafetensorsFile optimizer;
};

// Reads the one in `path`. NOT_FOUND: there is none. DATA_LOSS, naming the
// file: it is not what the manifest says.
absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& path);

// Reads the newest good one below `root`; damaged ones are logged and left out.
// NOT_FOUND: there is none. DATA_LOSS: there are some, and all are damaged.
absl::StatusOr<Checkpoint> ReadNewestCheckpoint(const std::string& root);

}  // namespace drover

#endif  // DROVER_LEARNER_CHECKPOINT_H_
