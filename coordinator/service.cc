#include "coordinator/service.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <utility>

#include "common/status_grpc.h"

namespace drover {
namespace {

constexpr std::chrono::seconds kTableHeartbeat{2};

grpc::ServerUnaryReactor* Reply(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

// A stream that only says why not.
class Refusal final : public grpc::ServerWriteReactor<MemberTable> {
 public:
  explicit Refusal(const absl::Status& status) { Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

CoordinatorService::CoordinatorService(TrainingRun::Options options)
    : run_(std::move(options), Clock::now()), published_at_(Clock::now()) {}

void CoordinatorService::Publish(bool anyway) {
  const MemberTable table = run_.Table();
  if (!anyway && table.version() == published_version_) return;
  published_version_ = table.version();
  published_at_ = Clock::now();
  watchers_.Publish(table, [this](const WatchRequest& request)
                               DROVER_REQUIRES(mutex_) { return run_.CheckWatch(request); });
}

void CoordinatorService::Tick() {
  MutexLock lock(&mutex_);
  const Clock::time_point now = Clock::now();
  for (const Member& member : run_.Tick(now)) {
    spdlog::warn("{} {} did not renew its lease: process {} is fenced",
                 Role::Kind_Name(member.role()), member.index(), member.pid());
  }
  Publish(now - published_at_ >= kTableHeartbeat);
}

void CoordinatorService::StopRun(const StopRequest& request) {
  spdlog::info("asked to stop: {}", request.reason());
  MutexLock lock(&mutex_);
  run_.Stop(request);
  Publish(false);
}

StatusReply CoordinatorService::CurrentStatus() const {
  MutexLock lock(&mutex_);
  return run_.Status(Clock::now());
}

std::vector<EvaluationPoint> CoordinatorService::TakePoints() {
  MutexLock lock(&mutex_);
  return run_.TakePoints();
}

bool CoordinatorService::Finished() const {
  MutexLock lock(&mutex_);
  return run_.policy().finished();
}

Outcome CoordinatorService::CurrentOutcome() const {
  MutexLock lock(&mutex_);
  Outcome outcome;
  outcome.experiment = run_.experiment();
  outcome.end_reason = run_.policy().end_reason();
  outcome.learner = run_.learner();
  outcome.target = run_.policy().target_reached();
  return outcome;
}

void CoordinatorService::SummaryWritten() {
  MutexLock lock(&mutex_);
  run_.SummaryWritten();
  Publish(false);
}

bool CoordinatorService::AnyMember() const {
  MutexLock lock(&mutex_);
  return run_.AnyMember();
}

grpc::ServerUnaryReactor* CoordinatorService::Register(grpc::CallbackServerContext* context,
                                                       const RegisterRequest* request,
                                                       RegisterReply* reply) {
  MutexLock lock(&mutex_);
  absl::StatusOr<RegisterReply> answer = run_.Register(*request, Clock::now());
  if (answer.ok()) {
    *reply = *std::move(answer);
    spdlog::info("{} {} joined: process {}, epoch {}", Role::Kind_Name(request->role()),
                 request->index(), request->pid(), reply->epoch());
    Publish(false);
    return Reply(context, absl::OkStatus());
  }
  spdlog::warn("refused a registration from {}: {}", context->peer(), answer.status().ToString());
  return Reply(context, answer.status());
}

grpc::ServerUnaryReactor* CoordinatorService::Renew(grpc::CallbackServerContext* context,
                                                    const RenewRequest* request,
                                                    RenewReply* /*reply*/) {
  MutexLock lock(&mutex_);
  const absl::Status status = run_.Renew(*request, Clock::now());
  Publish(false);
  return Reply(context, status);
}

grpc::ServerWriteReactor<MemberTable>* CoordinatorService::WatchMembers(
    grpc::CallbackServerContext* /*context*/, const WatchRequest* request) {
  MutexLock lock(&mutex_);
  if (absl::Status status = run_.CheckWatch(*request); !status.ok()) return new Refusal(status);
  return watchers_.Open(*request, run_.Table());
}

grpc::ServerUnaryReactor* CoordinatorService::Leave(grpc::CallbackServerContext* context,
                                                    const LeaveRequest* request,
                                                    LeaveReply* /*reply*/) {
  MutexLock lock(&mutex_);
  const absl::Status status = run_.Leave(*request, Clock::now());
  Publish(false);
  return Reply(context, status);
}

grpc::ServerUnaryReactor* CoordinatorService::Status(grpc::CallbackServerContext* context,
                                                     const StatusRequest* /*request*/,
                                                     StatusReply* reply) {
  *reply = CurrentStatus();
  reply->set_pid(getpid());
  return Reply(context, absl::OkStatus());
}

grpc::ServerUnaryReactor* CoordinatorService::Stop(grpc::CallbackServerContext* context,
                                                   const StopRequest* request,
                                                   StopReply* /*reply*/) {
  StopRun(*request);
  return Reply(context, absl::OkStatus());
}

}  // namespace drover
