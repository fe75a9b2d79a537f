#ifndef DROVER_LEARNER_EXPERIENCE_H_
#define DROVER_LEARNER_EXPERIENCE_H_

#include <ATen/core/Tensor.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/algorithms/algorithm.h"
#include "agent/batch.h"
#include "common/metrics.h"
#include "common/moments.h"
#include "learner/intake.h"
#include "proto/coordinator.pb.h"

namespace drover {

// A batch, or the gradient that an actor made of one, and what its steps count for.
struct TrainingBatch {
  Batch batch;
  at::Tensor gradient;    // [P] of TrainStep::Differentiate; undefined: there is a batch
  Statistics statistics;  // that came with the gradient
  uint64_t frames = 0;    // environment steps in it that were in none before
  // Versions between the one that acted and the newest, over as many steps.
  double lag_sum = 0;
  uint64_t lag_max = 0;
  std::vector<std::pair<uint64_t, uint64_t>> lags;  // each, and over how many steps
  std::vector<SeenMoments> seen;                    // where the run normalises: in its steps
};

// Where a learner's batches come from: the queue that actors fill, replay servers, or actors that
// made gradients of them. All that the learner's loop knows of it. Calls are of the learner's
// thread, unless said.
class Experience {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~Experience() = default;

  // The next batch; it is the caller's until the next call. Null: none by the deadline, or, where
  // finished(), never again. An error is for good.
  virtual absl::StatusOr<const TrainingBatch*> Next(Time deadline) = 0;
  virtual bool finished() const = 0;

  // The version that the next batch is trained at. Ascending.
  virtual void SetVersion(uint64_t version) = 0;
  // The last batch is in the weights: room for another. `priority`: as TrainStep::priority().
  virtual void Trained(const at::Tensor& priority) = 0;

  // Takes in nothing any more.
  virtual void Drain() = 0;
  // For a checkpoint. `meanwhile`, if not empty, is called while nothing is taken in.
  virtual ReceivedTotals totals(const std::function<void()>& meanwhile) const = 0;

  // Any thread.
  virtual bool budget_spent() const = 0;             // max_frames are received
  virtual uint64_t frames() const = 0;               // received
  virtual uint64_t started_unix_micros() const = 0;  // the first step received; 0: none yet
  virtual void AddTo(Report* report) const = 0;      // counters, and who waits for whom
  virtual void AddTo(Metrics* metrics) const = 0;    // where time goes
};

}  // namespace drover

#endif  // DROVER_LEARNER_EXPERIENCE_H_
