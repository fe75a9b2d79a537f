#ifndef DROVER_COORDINATOR_RUN_STATE_H_
#define DROVER_COORDINATOR_RUN_STATE_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "proto/coordinator.pb.h"

namespace drover {

// Decides when a run drains and ends:
//
//   waiting --learner joins--> running --target, budget, stop--> draining --learner is done-->
//   ended
//
// Draining, nothing new is accepted; the learner checkpoints, evaluates and leaves with its last
// report. The coordinator then writes the summary and calls SummaryWritten. A learner that leaves
// without having said how the run ended, or does not come back to drain it, makes the run failed.
//
// Not thread-safe; time is passed in.
class RunPolicy {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // A learner that died while draining has this long to be replaced; none where the launcher has
  // given up.
  static constexpr std::chrono::seconds kDrainWithoutLearner{30};

  explicit RunPolicy(const Target& target) : target_(target) {}

  void LearnerJoined();
  void LearnerReported(const LearnerReport& report);
  void LearnerLeft();
  // An evaluator's point; the target is reached at the second in a row that makes it.
  // `seconds` is the learner's, since the first environment step.
  void Evaluated(const EvaluationPoint& point, double seconds);
  // By a person (stopped), or by a launcher that gives up (failed).
  void StopRequested(EndReason::Kind reason);
  // Call often; `learner_alive`: it is a live member.
  void Tick(bool learner_alive, Time now);
  void SummaryWritten();

  RunState::Kind state() const { return state_; }
  // Why the run drains or ended; unspecified before.
  EndReason::Kind end_reason() const { return end_reason_; }
  const std::optional<TargetReached>& target_reached() const { return target_reached_; }
  // Nothing more will come: the summary is due.
  bool finished() const { return finished_; }

 private:
  void Drain(EndReason::Kind reason);

  const Target target_;
  RunState::Kind state_ = RunState::waiting;
  EndReason::Kind end_reason_ = EndReason::unspecified;
  std::optional<TargetReached> target_reached_;
  bool finished_ = false;
  bool last_point_reached_ = false;  // the evaluator's point before
  std::optional<Time> learner_missing_since_;
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_RUN_STATE_H_
