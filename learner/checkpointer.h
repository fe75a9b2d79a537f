#ifndef DROVER_LEARNER_CHECKPOINTER_H_
#define DROVER_LEARNER_CHECKPOINTER_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/model/model.h"
#include "agent/train_step.h"
#include "common/mutex.h"
#include "learner/checkpoint.h"
#include "learner/episode_statistics.h"
#include "learner/experience.h"
#include "learner/learner_loop.h"

namespace drover {

// Puts a learner's parts into checkpoints of <run_dir>/checkpoints. Of the
// learner's thread, unless said.
class Checkpointer {
 public:
  // All outlive it.
  struct Parts {
    const Experiment* experiment = nullptr;
    const Model* model = nullptr;
    const TrainStep* step = nullptr;
    const Experience* experience = nullptr;
    const EpisodeStatistics* episodes = nullptr;
    const LearnerLoop* loop = nullptr;
    std::function<uint64_t()> epoch;  // of this learner, now
  };
  Checkpointer(std::string run_dir, const Parts& parts);

  // Notes how it stands: from now on that is what Write() writes, along with the
  // tensors. Lockstep: after each train step, before the next unrolls come.
  void Commit() { committed_ = MakeState(); }

  // Writes one, in place of one of the same version. Errors as WriteCheckpoint;
  // training can go on, and the last good one stays.
  absl::Status Write() DROVER_EXCLUDES(mutex_);

  // How writing went. Any thread.
  struct Outcome {
    std::string newest;     // written, relative to the run directory; empty: none
    uint64_t failures = 0;  // attempts that failed
    std::string error;      // of the last attempt; empty: it succeeded
  };
  Outcome outcome() const DROVER_EXCLUDES(mutex_);

 private:
  CheckpointState MakeState() const;

  const std::string run_dir_;
  const Parts parts_;
  std::optional<CheckpointState> committed_;
  mutable Mutex mutex_;
  Outcome outcome_ DROVER_GUARDED_BY(mutex_);
};

// Where a run keeps its checkpoints, and the end of its versions (version_block.h).
std::string CheckpointRoot(const std::string& run_dir);
std::string VersionsPath(const std::string& run_dir);

}  // namespace drover

#endif  // DROVER_LEARNER_CHECKPOINTER_H_
