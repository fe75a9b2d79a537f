#include "learner/checkpointer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "learner/checkpoint_tensors.h"

namespace drover {
namespace {

constexpr char kDirectory[] = "checkpoints";

}  // namespace

std::string CheckpointRoot(const std::string& run_dir) {
  return absl::StrCat(run_dir, "/", kDirectory);
}

std::string VersionsPath(const std::string& run_dir) {
  return absl::StrCat(CheckpointRoot(run_dir), "/versions");
}

Checkpointer::Checkpointer(std::string run_dir, const Parts& parts)
    : run_dir_(std::move(run_dir)), parts_(parts) {}

absl::Status Checkpointer::Write() {
  CheckpointState state = committed_ ? *committed_ : MakeState();
  state.epoch = parts_.epoch();
  const HostArrays weights = ToArrays(parts_.model->parameters().Named());
  const HostArrays optimizer = ToArrays(parts_.step->State());
  absl::Status status = WriteCheckpoint(CheckpointRoot(run_dir_), state, weights.arrays,
                                        optimizer.arrays, parts_.experiment->checkpoint().keep())
                            .status();
  MutexLock lock(&mutex_);
  outcome_.error = std::string(status.message());
  if (status.ok()) {
    outcome_.newest = absl::StrCat(kDirectory, "/", state.version);
  } else {
    ++outcome_.failures;
  }
  return status;
}

CheckpointState Checkpointer::MakeState() const {
  const TrainedTotals trained = parts_.loop->totals();
  CheckpointState state;
  // Episodes and frames of the same moment.
  ReceivedTotals received = parts_.experience->totals([&] {
    state.newest_episodes = parts_.episodes->Remembered();
    state.episodes = parts_.episodes->Last(1).episodes;
  });
  state.version = trained.version;
  state.seed = parts_.experiment->seed();
  state.frames = received.frames;
  state.trained_frames = trained.trained_frames;
  state.updates = trained.updates;
  state.seconds = parts_.loop->seconds();
  state.lag_sum = trained.lag_sum;
  state.lag_max = trained.lag_max;
  state.missing = received.missing;
  state.replay_frames = received.replay_frames;
  state.last_sequence = std::move(received.last_sequence);
  state.actor_states = std::move(received.states);
  return state;
}

Checkpointer::Outcome Checkpointer::outcome() const {
  MutexLock lock(&mutex_);
  return outcome_;
}

}  // namespace drover
