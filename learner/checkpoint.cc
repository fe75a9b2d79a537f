#include "learner/checkpoint.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/checkpoint_directory.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr char kFormat[] = "drover-checkpoint/1";
constexpr char kWeights[] = "weights.safetensors";
constexpr char kOptimizer[] = "optimizer.safetensors";
constexpr char kState[] = "state.json";

std::string Join(const std::string& directory, absl::string_view name) {
  return absl::StrCat(directory, "/", name);
}

absl::Status CheckEpoch(const std::string& root, uint64_t epoch) {
  for (const uint64_t version : ListCheckpoints(root)) {
    const auto text = ReadFile(Join(CheckpointPath(root, version), kState));
    if (!text.ok()) continue;
    const auto state = CheckpointState::FromJson(*text);
    if (state.ok() && state->epoch > epoch) {
      return absl::FailedPreconditionError(absl::StrCat("checkpoint ", version, " is of epoch ",
                                                        state->epoch, "; this learner is of epoch ",
                                                        epoch, " and must not replace it"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> WriteCheckpoint(const std::string& root, const CheckpointState& state,
                                            const std::vector<NamedArray>& weights,
                                            const std::vector<NamedArray>& optimizer, size_t keep) {
  DROVER_RETURN_IF_ERROR(CheckEpoch(root, state.epoch));
  return WriteCheckpointDirectory(
      root, state.version, kFormat, keep, [&](const std::string& directory) -> absl::Status {
        DROVER_RETURN_IF_ERROR(WriteSafetensors(Join(directory, kWeights), weights));
        DROVER_RETURN_IF_ERROR(WriteSafetensors(Join(directory, kOptimizer), optimizer));
        return WriteFile(Join(directory, kState), state.ToJson());
      });
}

absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& path) {
  DROVER_RETURN_IF_ERROR(CheckCheckpointDirectory(path, kFormat, {kWeights, kOptimizer, kState}));
  DROVER_ASSIGN_OR_RETURN(const std::string text, ReadFile(Join(path, kState)));
  auto state = CheckpointState::FromJson(text);
  DROVER_RETURN_IF_ERROR(AsDamage(state.status()));
  auto weights = SafetensorsFile::Read(Join(path, kWeights));
  DROVER_RETURN_IF_ERROR(AsDamage(weights.status()));
  auto optimizer = SafetensorsFile::Read(Join(path, kOptimizer));
  DROVER_RETURN_IF_ERROR(AsDamage(optimizer.status()));
  return Checkpoint{path, *std::move(state), *std::move(weights), *std::move(optimizer)};
}

absl::StatusOr<Checkpoint> ReadNewestCheckpoint(const std::string& root) {
  std::optional<Checkpoint> newest;
  const auto read = [&](const std::string& path) -> absl::Status {
    DROVER_ASSIGN_OR_RETURN(newest, ReadCheckpoint(path));
    return absl::OkStatus();
  };
  DROVER_RETURN_IF_ERROR(ReadNewestGoodCheckpoint(root, read).status());
  return *std::move(newest);
}

}  // namespace drover
