#ifndef DROVER_ACTOR_EVALUATOR_LOOP_H_
#define DROVER_ACTOR_EVALUATOR_LOOP_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>

#include "absl/status/status.h"
#include "actor/evaluate.h"
#include "actor/weight_cache.h"
#include "agent/model/model.h"
#include "common/mutex.h"
#include "proto/coordinator.pb.h"

namespace drover {

// Evaluates the newest version once in every so many frames, and keeps the
// points until they have been reported. Run() by one thread, the rest by any.
class EvaluatorLoop {
 public:
  // Waits a little for newer weights; false: none came.
  using WaitFn = std::function<bool()>;

  // `weights` writes to the parameters of `model`; all outlive the loop.
  // options.stop ends it.
  EvaluatorLoop(const Model* model, WeightCache* weights, uint64_t every_frames,
                EvaluateOptions options, WaitFn wait);

  // Until options.stop. Errors: as Evaluate.
  absl::Status Run();

  // Points that ReportSent() has not confirmed, oldest first.
  EvaluatorReport Report() DROVER_EXCLUDES(mutex_);
  // The last Report() has arrived.
  void ReportSent() DROVER_EXCLUDES(mutex_);

  uint64_t version() const { return version_.load(std::memory_order_relaxed); }  // evaluated last

 private:
  absl::Status EvaluateNewest() DROVER_EXCLUDES(mutex_);

  const Model* const model_;
  WeightCache* const weights_;
  const uint64_t every_frames_;
  const EvaluateOptions options_;
  const WaitFn wait_;
  std::atomic<uint64_t> version_{0};
  Mutex mutex_;
  std::deque<EvaluationPoint> points_ DROVER_GUARDED_BY(mutex_);
  size_t reported_ DROVER_GUARDED_BY(mutex_) = 0;  // of points_, in the last Report()
};

}  // namespace drover

#endif  // DROVER_ACTOR_EVALUATOR_LOOP_H_
