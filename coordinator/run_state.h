#ifndef DROVER_COORDINATOR_RUN_STATE_H_
#define DROVER_COORDINATOR_RUN_STATE_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "proto/coordinator.pb.h"
#include "proto/run_memory.pb.h"

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

  // What a coordinator that is no more had decided.
  void Restore(const RunMemory& memory);
  // Writes what it has decided.
  void Save(RunMemory* memory) const;

  void LearnerJoined();
  void LearnerReported(const LearnerReport& report);
  void LearnerLeft();
  // An evaluator's point; the target is reached at the second in a row that makes it. False: it
  // is not newer than the last, so it was reported before. `seconds` is the learner's, since the
  // first environment step.
  bool Evaluated(const EvaluationPoint& point, double seconds);
  // By a person (stopped), or by a launcher that gives up (failed).
  void StopRequested(EndReason::Kind reason);
  // Call often; `learner_alive`: it is a live member.
  void Tick(bool learner_alive, Time now);
  // This process did not run for a while: a learner is given its time anew.
  void WaitAnew() { learner_missing_since_.reset(); }
  void SummaryWritten();

  RunState::Kind state() const { return state_; }
  // Why the run drains or ended; unspecified before.
  EndReason::Kind end_reason() const { return end_reason_; }
  const std::optional<TargetReached>& target_reached() const { return target_reached_; }
  // Nothing more will come: the summary is due.
  bool finished() const { return finished_; }
  // Counts what changes in Save.
  uint64_t changes() const { return changes_; }

 private:
  void Drain(EndReason::Kind reason);
  void Finish();
  bool Reaches(const EvaluationPoint& point) const;

  const Target target_;
  RunState::Kind state_ = RunState::waiting;
  EndReason::Kind end_reason_ = EndReason::unspecified;
  std::optional<TargetReached> target_reached_;
  bool finished_ = false;
  EvaluationPoint last_point_;  // an evaluator's newest
  uint64_t changes_ = 0;
  std::optional<Time> learner_missing_since_;
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_RUN_STATE_H_
