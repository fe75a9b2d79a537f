#include "coordinator/training_run.h"

#include <utility>

namespace drover {
namespace {

constexpr size_t kMaxPoints = 4096;  // not yet taken
constexpr size_t kMaxReportBytes = 256 << 10;

double Seconds(Membership::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

TrainingRun::TrainingRun(Options options, Time now)
    : options_(std::move(options)),
      started_(now),
      membership_(options_.membership),
      policy_(options_.experiment.target()) {}

absl::StatusOr<RegisterReply> TrainingRun::Register(const RegisterRequest& request, Time now) {
  if (policy_.state() == RunState::ended || policy_.finished()) {
    return absl::FailedPreconditionError("the run has ended");
  }
  absl::StatusOr<Membership::Grant> grant = membership_.Register(request, now);
  if (!grant.ok()) return grant.status();
  if (request.role() == Role::learner) policy_.LearnerJoined();
  RegisterReply reply;
  reply.set_run_id(options_.run_id);
  reply.set_member_id(grant->member_id);
  reply.set_epoch(grant->epoch);
  reply.set_lease_seconds(Seconds(options_.membership.lease));
  reply.set_table_version(TableVersion());
  *reply.mutable_experiment() = options_.experiment;
  *reply.mutable_spec() = options_.spec;
  reply.set_run_dir(options_.run_dir);
  return reply;
}

absl::Status TrainingRun::Renew(const RenewRequest& request, Time now) {
  if (absl::Status status = membership_.Renew(request.member_id(), request.epoch(), now);
      !status.ok()) {
    return status;
  }
  Take(request.member_id(), request.report(), now);
  return absl::OkStatus();
}

absl::Status TrainingRun::Leave(const LeaveRequest& request, Time now) {
  if (absl::Status status = membership_.Leave(request.member_id(), request.epoch()); !status.ok()) {
    return status;
  }
  Take(request.member_id(), request.report(), now);
  if (membership_.entries().at(request.member_id()).member.role() == Role::learner) {
    policy_.LearnerLeft();
  }
  return absl::OkStatus();
}

void TrainingRun::Take(uint64_t member_id, const Report& report, Time now) {
  // What a member says of another role than its own is dropped; and a report that is absurdly
  // large, whole: the newest ones are part of each answer to Status.
  if (report.ByteSizeLong() > kMaxReportBytes) return;
  const Role::Kind role = membership_.entries().at(member_id).member.role();
  if (role == Role::learner && report.has_learner()) {
    learner_ = report.learner();
    frames_.Add(learner_.frames(), now);
    updates_.Add(learner_.updates(), now);
    policy_.LearnerReported(learner_);
  }
  if (role == Role::evaluator && report.has_evaluator()) {
    for (const EvaluationPoint& point : report.evaluator().points()) {
      if (points_.size() < kMaxPoints) points_.push_back(point);
      policy_.Evaluated(point, learner_.seconds());
    }
  }
  reports_[member_id] = report;
}

absl::Status TrainingRun::CheckWatch(const WatchRequest& request) const {
  return membership_.Check(request.member_id(), request.epoch());
}

void TrainingRun::Stop(const StopRequest& request) {
  policy_.StopRequested(request.failed() ? EndReason::failed : EndReason::stopped);
}

std::vector<Member> TrainingRun::Tick(Time now) {
  std::vector<Member> expired = membership_.Expire(now);
  const auto found = membership_.entries().find(MemberId(Role::learner, 0));
  policy_.Tick(found != membership_.entries().end() && found->second.alive, now);
  return expired;
}

uint64_t TrainingRun::TableVersion() const {
  // The state only ever moves on, so the sum grows with each change of either.
  return membership_.version() + policy_.state();
}

MemberTable TrainingRun::Table() const {
  MemberTable table;
  table.set_run_id(options_.run_id);
  table.set_version(TableVersion());
  table.set_state(policy_.state());
  for (const auto& [id, entry] : membership_.entries()) {
    if (entry.alive) *table.add_members() = entry.member;
  }
  return table;
}

std::vector<EvaluationPoint> TrainingRun::TakePoints() { return std::exchange(points_, {}); }

StatusReply TrainingRun::Status(Time now) const {
  StatusReply reply;
  reply.set_run_id(options_.run_id);
  reply.set_run_dir(options_.run_dir);
  reply.set_state(policy_.state());
  reply.set_end_reason(policy_.end_reason());
  *reply.mutable_experiment() = options_.experiment;
  for (const auto& [id, entry] : membership_.entries()) {
    MemberStatus& member = *reply.add_members();
    *member.mutable_member() = entry.member;
    member.set_alive(entry.alive);
    member.set_seconds_since_renewal(Seconds(now - entry.renewed));
    if (const auto report = reports_.find(id); report != reports_.end()) {
      *member.mutable_report() = report->second;
      if (entry.member.role() == Role::learner) *reply.mutable_metrics() = report->second.metrics();
    }
  }
  *reply.mutable_learner() = learner_;
  reply.set_frames_per_second(frames_.PerSecond());
  reply.set_updates_per_second(updates_.PerSecond());
  reply.set_uptime_seconds(Seconds(now - started_));
  return reply;
}

}  // namespace drover
