#include "coordinator/run_state.h"

namespace drover {

void RunPolicy::Drain(EndReason::Kind reason) {
  if (state_ != RunState::waiting && state_ != RunState::running) return;
  // Without a learner there is nothing to drain.
  if (state_ == RunState::waiting) finished_ = true;
  state_ = RunState::draining;
  end_reason_ = reason;
}

void RunPolicy::LearnerJoined() {
  if (state_ == RunState::waiting) state_ = RunState::running;
}

void RunPolicy::LearnerReported(const LearnerReport& report) {
  if (state_ != RunState::running || report.outcome() == EndReason::unspecified) return;
  if (report.outcome() == EndReason::target_reached) target_reached_ = report.target();
  Drain(report.outcome());
}

void RunPolicy::LearnerLeft() {
  Drain(EndReason::failed);
  finished_ = true;
}

void RunPolicy::Evaluated(const EvaluationPoint& point, double seconds) {
  if (target_.source() != Target::Source::evaluator || !target_.has_return_()) return;
  const bool reached = point.evaluation().mean() >= target_.return_();
  if (reached && last_point_reached_ && state_ == RunState::running) {
    target_reached_.emplace();
    target_reached_->set_frames(point.frames());
    target_reached_->set_seconds(seconds);
    Drain(EndReason::target_reached);
  }
  last_point_reached_ = reached;
}

void RunPolicy::StopRequested(EndReason::Kind reason) { Drain(reason); }

void RunPolicy::Tick(bool learner_alive, Time now) {
  if (state_ != RunState::draining || finished_ || learner_alive) {
    learner_missing_since_.reset();
    return;
  }
  if (!learner_missing_since_.has_value()) learner_missing_since_ = now;
  if (end_reason_ == EndReason::failed || now - *learner_missing_since_ >= kDrainWithoutLearner) {
    end_reason_ = EndReason::failed;
    finished_ = true;
  }
}

void RunPolicy::SummaryWritten() {
  if (finished_) state_ = RunState::ended;
}

}  // namespace drover
