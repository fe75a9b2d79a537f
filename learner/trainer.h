#ifndef DROVER_LEARNER_TRAINER_H_
#define DROVER_LEARNER_TRAINER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "agent/batch_view.h"
#include "agent/model/model.h"
#include "agent/train_step.h"
#include "client/identity.h"
#include "client/replay_sampler.h"
#include "common/metrics.h"
#include "common/moments.h"
#include "common/mutex.h"
#include "common/unroll_layout.h"
#include "learner/batch_assembler.h"
#include "learner/checkpointer.h"
#include "learner/episode_statistics.h"
#include "learner/experience.h"
#include "learner/learner_loop.h"
#include "learner/learner_services.h"
#include "learner/tensorboard.h"
#include "learner/unroll.h"
#include "learner/version_block.h"
#include "proto/coordinator.pb.h"
#include "proto/experiment.pb.h"
#include "proto/spec.pb.h"

namespace drover {

// A run's learning from end to end, as its config says: queue, assembler,
// model, train step, loop, checkpoints, TensorBoard; built once, together.
// Owned and used by the learner's main thread, unless said.
class Trainer {
 public:
  struct Options {
    Experiment experiment;  // resolved
    Spec spec;
    std::string run_dir;
    bool resume = false;  // as LearnerOptions.resume
    IdentityFn identity;  // of this learner, now
    // Where a replay server is, by shard, waiting for it as long as said.
    std::function<absl::StatusOr<Endpoint>(uint32_t, std::chrono::milliseconds)> replay_server;
  };

  // Builds all of it, restores the newest checkpoint and opens `services`,
  // which outlive it: actors may come. INVALID_ARGUMENT: sizes that cannot
  // work; FAILED_PRECONDITION: a run with checkpoints, without `resume`;
  // DATA_LOSS: all checkpoints are damaged; errors of files.
  static absl::StatusOr<std::unique_ptr<Trainer>> Make(Options options, LearnerServices* services);
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  // As LearnerLoop::Run.
  absl::StatusOr<EndReason::Kind> Train(const std::function<bool()>& stop);

  // Takes in nothing any more, and writes the last checkpoint.
  absl::Status Finish();
  // Writes a checkpoint for another process that goes on from it.
  absl::Status HandOver();

  const Model& model() const { return *model_; }
  Report MakeReport() const DROVER_EXCLUDES(mutex_);  // any thread

 private:
  Trainer(Options options, LearnerServices* services);

  absl::Status Build();
  absl::StatusOr<CheckpointState> Restore();
  void Open(const CheckpointState& start);
  void OpenQueue(const CheckpointState& start);
  void OpenGradients(const CheckpointState& start);
  void OpenReplay(const CheckpointState& start);
  void Trained();
  void Save();
  void EachSecond() DROVER_EXCLUDES(mutex_);

  const Options options_;
  LearnerServices* const services_;

  // In the order in which one needs the other.
  std::optional<UnrollLayout> layout_;
  int32_t actions_ = 0;         // discrete ones; 0: continuous
  size_t max_state_bytes_ = 0;  // lockstep: of an actor; 0: no lockstep
  MomentsSizes moments_;        // in messages
  EpisodeStatistics episodes_;
  UnrollQueue queue_;
  std::unique_ptr<Model> model_;
  std::optional<BatchView> view_;
  std::optional<TrainStep> step_;
  std::optional<VersionBlock> versions_;
  std::unique_ptr<TensorboardWriter> tensorboard_;
  bool points_lost_ = false;  // by its last flush
  Metrics metrics_;
  std::optional<BatchAssembler> assembler_;  // one of these two
  std::unique_ptr<ReplaySampler> sampler_;
  std::unique_ptr<Experience> experience_;
  std::optional<LearnerLoop> loop_;
  std::optional<Checkpointer> checkpointer_;

  mutable Mutex mutex_;
  std::map<std::string, double> newest_metrics_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_LEARNER_TRAINER_H_
