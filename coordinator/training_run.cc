#include "coordinator/training_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drover {
namespace {

constexpr size_t kMaxPoints = 4096;  // not yet taken
constexpr size_t kMaxReportBytes = 256 << 10;
constexpr uint32_t kMaxActors = 4096;

// Numbers are remembered so far ahead: they never go back, even where the newest of them could not
// be written. A registration changes the table at most twice, the run's state thrice.
constexpr uint64_t kEpochsAhead = 1000;
constexpr uint64_t kTablesAhead = 2 * kEpochsAhead + 3;

double Seconds(Membership::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Membership::Options Numbered(Membership::Options options, const RunMemory& memory) {
  options.first_epoch = std::max<uint64_t>(1, memory.next_epoch());
  options.first_version = memory.table_version();
  return options;
}

}  // namespace

TrainingRun::TrainingRun(Options options, Time now)
    : options_(std::move(options)),
      started_(now),
      noticed_(now),
      membership_(Numbered(options_.membership, options_.memory)),
      policy_(options_.experiment.target()),
      epoch_end_(membership_.next_epoch() + kEpochsAhead),
      desired_actors_(options_.memory.desired_actors() > 0 ? options_.memory.desired_actors()
                                                           : options_.experiment.actors().count()),
      learner_(options_.memory.learner()),
      points_(options_.memory.unwritten().begin(), options_.memory.unwritten().end()) {
  membership_.Restore(options_.memory, now);
  policy_.Restore(options_.memory);
  if (options_.memory.members_size() > 0) {
    events_.Add(Event::resumed, "the coordinator, with the members of the one before it");
  }
  NoteState();
}

RunMemory TrainingRun::Memory() const {
  RunMemory memory;
  memory.set_run_id(options_.memory.run_id());
  memory.set_next_epoch(membership_.next_epoch() + kEpochsAhead);
  memory.set_table_version(membership_.version() + kTablesAhead);
  membership_.Save(&memory);
  policy_.Save(&memory);
  *memory.mutable_learner() = learner_;
  memory.mutable_unwritten()->Add(points_.begin(), points_.end());
  memory.set_desired_actors(desired_actors_);
  return memory;
}

uint64_t TrainingRun::changes() const {
  return membership_.version() + policy_.changes() + kept_changes_;
}

void TrainingRun::Notice(Time now) {
  if (now - noticed_ >= options_.membership.lease / 3) {
    membership_.RenewAll(now);
    policy_.WaitAnew();
  }
  noticed_ = now;
}

void TrainingRun::NoteState() {
  if (policy_.state() == noted_state_) return;
  noted_state_ = policy_.state();
  std::string text = RunState::Kind_Name(noted_state_);
  if (policy_.end_reason() != EndReason::unspecified) {
    absl::StrAppend(&text, ": ", EndReason::Kind_Name(policy_.end_reason()));
  }
  events_.Add(Event::state, text);
}

absl::StatusOr<RegisterReply> TrainingRun::Register(const RegisterRequest& request, Time now) {
  Notice(now);
  if (policy_.state() == RunState::ended || policy_.finished()) {
    return absl::FailedPreconditionError("the run has ended");
  }
  if (membership_.next_epoch() >= epoch_end_) {
    return absl::UnavailableError("the coordinator cannot write to its run directory");
  }
  const size_t known = membership_.entries().size();
  absl::StatusOr<Membership::Grant> grant = membership_.Register(request, now);
  if (!grant.ok()) return grant.status();
  const bool is_new = membership_.entries().size() > known;
  events_.Add(is_new ? Event::joined : Event::resumed,
              NameOf(membership_.entries().at(grant->member_id).member));
  if (request.role() == Role::learner) policy_.LearnerJoined();
  NoteState();
  RegisterReply reply;
  reply.set_run_id(options_.memory.run_id());
  reply.set_member_id(grant->member_id);
  reply.set_epoch(grant->epoch);
  reply.set_lease_seconds(Seconds(options_.membership.lease));
  reply.set_table_version(TableVersion());
  *reply.mutable_experiment() = options_.experiment;
  *reply.mutable_spec() = options_.spec;
  reply.set_run_dir(options_.run_dir);
  reply.set_index(grant->index);
  return reply;
}

absl::Status TrainingRun::Renew(const RenewRequest& request, Time now) {
  Notice(now);
  if (absl::Status status = membership_.Renew(request.member_id(), request.epoch(), now);
      !status.ok()) {
    return status;
  }
  Take(request.member_id(), request.report(), now);
  NoteState();
  return absl::OkStatus();
}

absl::Status TrainingRun::Leave(const LeaveRequest& request, Time now) {
  Notice(now);
  const uint64_t before = membership_.version();
  if (absl::Status status = membership_.Leave(request.member_id(), request.epoch()); !status.ok()) {
    return status;
  }
  if (membership_.version() == before) return absl::OkStatus();  // it says so again
  Take(request.member_id(), request.report(), now);
  const Member& member = membership_.entries().at(request.member_id()).member;
  events_.Add(Event::left, NameOf(member));
  if (member.role() == Role::learner) policy_.LearnerLeft();
  NoteState();
  return absl::OkStatus();
}

void TrainingRun::Take(uint64_t member_id, const Report& report, Time now) {
  // What a member says of another role than its own is dropped; and a report that is absurdly
  // large, whole: the newest ones are part of each answer to Status.
  if (report.ByteSizeLong() > kMaxReportBytes) return;
  const Member& member = membership_.entries().at(member_id).member;
  const Role::Kind role = member.role();
  if (role == Role::learner && report.has_learner()) {
    if (report.learner().checkpoint() != learner_.checkpoint()) ++kept_changes_;
    learner_ = report.learner();
    heard_of_learner_ = true;
    frames_.Add(learner_.frames(), now);
    updates_.Add(learner_.updates(), now);
    policy_.LearnerReported(learner_);
  }
  if (role == Role::evaluator && report.has_evaluator()) {
    for (const EvaluationPoint& point : report.evaluator().points()) {
      if (!policy_.Evaluated(point, learner_.seconds())) continue;
      if (points_.size() < kMaxPoints) points_.push_back(point);
    }
  }
  Report& newest = reports_[member_id];
  events_.Compare(member, newest, report);
  newest = report;
}

absl::Status TrainingRun::CheckWatch(const WatchRequest& request) const {
  return membership_.Check(request.member_id(), request.epoch());
}

void TrainingRun::Stop(const StopRequest& request) {
  policy_.StopRequested(request.failed() ? EndReason::failed : EndReason::stopped);
  NoteState();
}

absl::StatusOr<ScaleReply> TrainingRun::Scale(const ScaleRequest& request) {
  if (request.actors() == 0 || request.actors() > kMaxActors) {
    return absl::InvalidArgumentError(
        absl::StrCat(request.actors(), " actors; allowed is 1 … ", kMaxActors));
  }
  // On a2c a round is of those who live.
  const Experiment& experiment = options_.experiment;
  if (experiment.learner().lockstep() && experiment.topology() != Topology::a2c) {
    return absl::FailedPreconditionError(absl::StrCat(
        "learner.lockstep: this run's learner waits for ", experiment.actors().count(), " actors"));
  }
  ScaleReply reply;
  reply.set_before(desired_actors_);
  if (request.actors() != desired_actors_) {
    ++kept_changes_;
    events_.Add(Event::scaled,
                absl::StrCat("actors: from ", desired_actors_, " to ", request.actors()));
  }
  desired_actors_ = request.actors();
  return reply;
}

std::vector<Member> TrainingRun::Tick(Time now) {
  Notice(now);
  std::vector<Member> expired = membership_.Expire(now);
  const auto found = membership_.entries().find(MemberId(Role::learner, 0));
  policy_.Tick(found != membership_.entries().end() && found->second.alive, now);
  for (const Member& member : expired) events_.Add(Event::lost, NameOf(member));
  NoteState();
  return expired;
}

uint64_t TrainingRun::TableVersion() const {
  // The state only ever moves on, so the sum grows with each change of either.
  return membership_.version() + policy_.state();
}

MemberTable TrainingRun::Table() const {
  MemberTable table;
  table.set_run_id(options_.memory.run_id());
  table.set_version(TableVersion());
  table.set_state(policy_.state());
  for (const auto& [id, entry] : membership_.entries()) {
    if (entry.alive) *table.add_members() = entry.member;
  }
  return table;
}

void TrainingRun::SummaryWritten() {
  policy_.SummaryWritten();
  NoteState();
}

void TrainingRun::PointsWritten(size_t count) {
  if (count == 0) return;
  points_.erase(points_.begin(), points_.begin() + static_cast<std::ptrdiff_t>(count));
  ++kept_changes_;
}

StatusReply TrainingRun::Status(Time now) const {
  StatusReply reply;
  reply.set_run_id(options_.memory.run_id());
  reply.set_run_dir(options_.run_dir);
  reply.set_state(policy_.state());
  reply.set_end_reason(policy_.end_reason());
  *reply.mutable_experiment() = options_.experiment;
  for (const auto& [id, entry] : membership_.entries()) {
    MemberStatus& member = *reply.add_members();
    *member.mutable_member() = entry.member;
    member.set_alive(entry.alive);
    member.set_seconds_since_renewal(Seconds(now - entry.renewed));
    member.set_seconds_since_registration(Seconds(now - entry.registered));
    if (const auto report = reports_.find(id); report != reports_.end()) {
      *member.mutable_report() = report->second;
      if (entry.member.role() == Role::learner) *reply.mutable_metrics() = report->second.metrics();
    }
  }
  *reply.mutable_learner() = learner_;
  reply.set_frames_per_second(frames_.PerSecond());
  reply.set_updates_per_second(updates_.PerSecond());
  reply.set_uptime_seconds(Seconds(now - started_));
  reply.set_desired_actors(desired_actors_);
  events_.AddTo(&reply);
  return reply;
}

}  // namespace drover
