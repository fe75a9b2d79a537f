#include "actor/evaluator_loop.h"

#include <utility>

#include "absl/status/statusor.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace drover {

EvaluatorLoop::EvaluatorLoop(const Model* model, WeightCache* weights, uint64_t every_frames,
                             EvaluateOptions options, WaitFn wait)
    : model_(model),
      weights_(weights),
      every_frames_(every_frames),
      options_(std::move(options)),
      wait_(std::move(wait)) {}

absl::Status EvaluatorLoop::Run() {
  uint64_t due = every_frames_;
  while (!options_.stop()) {
    if (!wait_() || !weights_->Update() || weights_->frames() < due) continue;
    due = (weights_->frames() / every_frames_ + 1) * every_frames_;
    absl::Status status = EvaluateNewest();
    if (absl::IsCancelled(status)) break;
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status EvaluatorLoop::EvaluateNewest() {
  EvaluationPoint point;
  point.set_version(weights_->version());
  point.set_frames(weights_->frames());
  DROVER_ASSIGN_OR_RETURN(*point.mutable_evaluation(), Evaluate(*model_, options_));
  version_.store(point.version(), std::memory_order_relaxed);
  spdlog::info("version {} after {} frames: {:.1f} ± {:.1f} over {} episodes", point.version(),
               point.frames(), point.evaluation().mean(), point.evaluation().std(),
               point.evaluation().episodes());
  MutexLock lock(&mutex_);
  points_.push_back(std::move(point));
  return absl::OkStatus();
}

EvaluatorReport EvaluatorLoop::Report() {
  MutexLock lock(&mutex_);
  EvaluatorReport report;
  report.mutable_points()->Add(points_.begin(), points_.end());
  reported_ = points_.size();
  return report;
}

void EvaluatorLoop::ReportSent() {
  MutexLock lock(&mutex_);
  points_.erase(points_.begin(), points_.begin() + static_cast<std::ptrdiff_t>(reported_));
  reported_ = 0;
}

}  // namespace drover
