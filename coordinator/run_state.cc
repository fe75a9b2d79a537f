#include "coordinator/run_state.h"

namespace drover {

void RunPolicy::Drain(EndReason::Kind reason) {
  if (state_ != RunState::waiting && state_ != RunState::running) return;
  // Without a learner there is nothing to drain.
  if (state_ == RunState::waiting) finished_ = true;
  state_ = RunState::draining;
  end_reason_ = reason;
  ++changes_;
}

void RunPolicy::Finish() {
  finished_ = true;
  ++changes_;
}

void RunPolicy::LearnerJoined() {
  if (state_ != RunState::waiting) return;
  state_ = RunState::running;
  ++changes_;
}

void RunPolicy::LearnerReported(const LearnerReport& report) {
  if (state_ != RunState::running || report.outcome() == EndReason::unspecified) return;
  if (report.outcome() == EndReason::target_reached) target_reached_ = report.target();
  Drain(report.outcome());
}

void RunPolicy::LearnerLeft() {
  Drain(EndReason::failed);
  Finish();
}

bool RunPolicy::Reaches(const EvaluationPoint& point) const {
  return target_.source() == Target::Source::evaluator && target_.has_return_() &&
         point.version() > 0 && point.evaluation().mean() >= target_.return_();
}

bool RunPolicy::Evaluated(const EvaluationPoint& point, double seconds) {
  if (point.version() <= last_point_.version()) return false;
  if (Reaches(point) && Reaches(last_point_) && state_ == RunState::running) {
    target_reached_.emplace();
    target_reached_->set_frames(point.frames());
    target_reached_->set_seconds(seconds);
    Drain(EndReason::target_reached);
  }
  last_point_ = point;
  ++changes_;
  return true;
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
    Finish();
  }
}

void RunPolicy::SummaryWritten() {
  if (!finished_) return;
  state_ = RunState::ended;
  ++changes_;
}

void RunPolicy::Restore(const RunMemory& memory) {
  if (memory.state() == RunState::unspecified) return;  // of a launch that is new
  state_ = memory.state();
  end_reason_ = memory.end_reason();
  finished_ = memory.finished();
  if (memory.has_target()) target_reached_ = memory.target();
  last_point_ = memory.last_point();
}

void RunPolicy::Save(RunMemory* memory) const {
  memory->set_state(state_);
  memory->set_end_reason(end_reason_);
  memory->set_finished(finished_);
  if (target_reached_.has_value()) *memory->mutable_target() = *target_reached_;
  if (last_point_.version() > 0) *memory->mutable_last_point() = last_point_;
}

}  // namespace drover
