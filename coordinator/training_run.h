#ifndef DROVER_COORDINATOR_TRAINING_RUN_H_
#define DROVER_COORDINATOR_TRAINING_RUN_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/event_log.h"
#include "coordinator/membership.h"
#include "coordinator/rate.h"
#include "coordinator/run_state.h"
#include "proto/coordinator.pb.h"
#include "proto/run_memory.pb.h"

namespace drover {

// All that the coordinator knows of a run, and what it answers to each request: membership, the
// newest report of each member, and the decision when the run ends. No I/O; coordinator/service.h
// puts it behind gRPC. Not thread-safe; time is passed in and must not go back. Where it makes a
// leap of a third of a lease, this process was stopped: every member has one full lease from then.
class TrainingRun {
 public:
  using Time = Membership::Time;

  struct Options {
    RunMemory memory;  // of a coordinator before this one, or of a new launch
    std::string run_dir;
    Experiment experiment;  // resolved
    Spec spec;
    Membership::Options membership;  // where numbers begin, the memory says
  };

  TrainingRun(Options options, Time now);

  // What a coordinator after this one must know, and whether that has changed. Once it is on disk,
  // Saved.
  RunMemory Memory() const;
  uint64_t changes() const;
  void Saved(const RunMemory& memory) { epoch_end_ = memory.next_epoch(); }

  // The requests of proto/coordinator.proto, with the errors named there.
  absl::StatusOr<RegisterReply> Register(const RegisterRequest& request, Time now);
  absl::Status Renew(const RenewRequest& request, Time now);
  absl::Status Leave(const LeaveRequest& request, Time now);
  absl::Status CheckWatch(const WatchRequest& request) const;
  void Stop(const StopRequest& request);
  absl::StatusOr<ScaleReply> Scale(const ScaleRequest& request);
  StatusReply Status(Time now) const;

  // Call at least ten times a lease: fences the members whose lease ran out, and names them.
  std::vector<Member> Tick(Time now);

  // What happened, for people: others add to it what this run does not see.
  EventLog* events() { return &events_; }
  const EventLog& events() const { return events_; }

  // The live members and the run's state. Its version grows with each change of either.
  MemberTable Table() const;

  // Evaluators' points that are not yet written, in the order of their arrival, and that so many
  // are.
  const std::vector<EvaluationPoint>& points() const { return points_; }
  void PointsWritten(size_t count);

  const RunPolicy& policy() const { return policy_; }
  // After the summary is written: the state becomes `ended`.
  void SummaryWritten();
  bool AnyMember() const { return membership_.AnyAlive(); }
  const LearnerReport& learner() const { return learner_; }
  // The learner has reported to this coordinator; before, learner() is what one before it knew.
  bool heard_of_learner() const { return heard_of_learner_; }
  const Experiment& experiment() const { return options_.experiment; }
  Membership::Duration lease() const { return options_.membership.lease; }

 private:
  uint64_t TableVersion() const;
  void Notice(Time now);
  void NoteState();
  void Take(uint64_t member_id, const Report& report, Time now);

  const Options options_;
  const Time started_;
  Time noticed_;  // when it was last called
  Membership membership_;
  RunPolicy policy_;
  uint64_t epoch_end_;         // all below may be granted
  uint64_t kept_changes_ = 0;  // of what it keeps besides membership and policy
  uint32_t desired_actors_;
  std::map<uint64_t, Report> reports_;  // newest, by member
  LearnerReport learner_;               // newest
  bool heard_of_learner_ = false;
  Rate frames_;
  Rate updates_;
  std::vector<EvaluationPoint> points_;
  EventLog events_;
  RunState::Kind noted_state_ = RunState::unspecified;  // the newest of events_
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_TRAINING_RUN_H_
