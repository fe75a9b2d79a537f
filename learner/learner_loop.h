#ifndef DROVER_LEARNER_LEARNER_LOOP_H_
#define DROVER_LEARNER_LEARNER_LOOP_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "agent/model/model.h"
#include "agent/train_step.h"
#include "common/metrics.h"
#include "common/mutex.h"
#include "common/tally.h"
#include "learner/episode_statistics.h"
#include "learner/experience.h"
#include "learner/part_timer.h"
#include "learner/version_block.h"
#include "learner/weights_publisher.h"
#include "proto/coordinator.pb.h"

namespace drover {

// What training has come to; part of a checkpoint.
struct TrainedTotals {
  uint64_t version = 0;         // of the weights
  uint64_t updates = 0;         // train steps
  uint64_t trained_frames = 0;  // environment steps that went into a gradient
  double lag_sum = 0;           // policy lag over trained_frames, in versions
  uint64_t lag_max = 0;
};

// The learner's main loop: takes a batch, trains, publishes, makes room for
// another; one thread. Reports may be asked for from any thread.
class LearnerLoop {
 public:
  // All outlive the loop.
  struct Parts {
    const Experiment* experiment = nullptr;
    Model* model = nullptr;
    TrainStep* step = nullptr;
    Experience* experience = nullptr;
    WeightsPublisher* publisher = nullptr;
    EpisodeStatistics* episodes = nullptr;
    VersionBlock* versions = nullptr;
    Metrics* metrics = nullptr;  // gets losses, and where time goes
  };
  // Called on the loop's thread, between two train steps.
  struct Hooks {
    std::function<bool()> stop;     // asked at least every 100 ms; true ends the loop
    std::function<void()> trained;  // after each train step, before its credits go round again
    std::function<void()> save;     // every checkpoint.every_seconds
    std::function<void()> each_second;
  };

  // `seconds_before`: since the first environment step, in the lives before this one.
  LearnerLoop(const Parts& parts, const TrainedTotals& start, double seconds_before);

  // Trains until the target is reached, the budget is spent and trained, or
  // hooks.stop (`stopped`). Once. An error: versions can no longer be reserved.
  absl::StatusOr<EndReason::Kind> Run(const Hooks& hooks);

  // How it stands. Any thread.
  TrainedTotals totals() const DROVER_EXCLUDES(mutex_);
  // Since the first environment step, 0 before; stands still when Run is done.
  double seconds() const DROVER_EXCLUDES(mutex_);
  // The proto's figures but checkpoint and evaluation, and who waits.
  Report MakeReport() const DROVER_EXCLUDES(mutex_);

 private:
  using Clock = std::chrono::steady_clock;

  // Where this thread's time went.
  struct Seconds {
    double wait = 0;     // for a batch
    double prepare = 0;  // tensors of a batch, and what the train step does beside the next two
    double forward_backward = 0;
    double optimizer = 0;
    double publish = 0;
    double save = 0;
    double other = 0;
  };

  absl::StatusOr<EndReason::Kind> TrainToTheEnd(const Hooks& hooks);
  absl::StatusOr<const TrainingBatch*> NextBatch() DROVER_EXCLUDES(mutex_);
  void Train(const TrainingBatch& batch) DROVER_EXCLUDES(mutex_);
  Statistics Learn(const TrainingBatch& batch, const TrainedTotals& totals);
  // Makes the current version known, and encodes it if that is wanted, or `idle`.
  absl::Status Publish(bool idle);
  EndReason::Kind CheckOutcome(bool budget_spent) DROVER_EXCLUDES(mutex_);
  void RunHooks(const Hooks& hooks);
  void TellSeconds();

  const Parts parts_;
  const size_t target_window_;
  const double seconds_before_;

  // Of the loop's thread.
  PartTimer timer_;
  Seconds spent_;
  std::optional<uint64_t> published_;  // version
  Clock::time_point next_second_;
  Clock::time_point next_save_;
  double waited_ = 0;  // for a batch, since the last train step

  // Any thread reads.
  Tally policy_lag_{LagBounds()};  // of trained steps
  Tally batch_wait_seconds_{SecondsBounds()};
  Tally train_step_seconds_{SecondsBounds()};

  mutable Mutex mutex_;
  TrainedTotals totals_ DROVER_GUARDED_BY(mutex_);
  std::optional<Clock::time_point> waiting_since_ DROVER_GUARDED_BY(mutex_);  // for a batch
  EndReason::Kind outcome_ DROVER_GUARDED_BY(mutex_) = EndReason::unspecified;
  TargetReached target_ DROVER_GUARDED_BY(mutex_);  // with outcome target_reached
  std::optional<double> seconds_at_end_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_LEARNER_LEARNER_LOOP_H_
