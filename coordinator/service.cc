#include "coordinator/service.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/authorizer.h"
#include "common/rpc/refusals.h"
#include "common/rpc/server_time.h"
#include "common/rpc/trailer.h"
#include "common/status_grpc.h"

namespace drover {
namespace {

constexpr std::chrono::seconds kTableHeartbeat{2};
constexpr std::chrono::seconds kSaveAgain{1};  // after a failure

grpc::ServerUnaryReactor* Reply(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

// A stream that only says why not.
class NoWatch final : public grpc::ServerWriteReactor<MemberTable> {
 public:
  explicit NoWatch(const absl::Status& status) { Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

CoordinatorService::CoordinatorService(TrainingRun::Options options, Save save)
    : save_(std::move(save)),
      run_(std::move(options), Clock::now()),
      table_(run_.Table()),
      heartbeat_at_(Clock::now()),
      saved_changes_(run_.changes()),
      saving_([this] { SaveLoop(); }) {}

CoordinatorService::~CoordinatorService() {
  {
    MutexLock lock(&mutex_);
    over_ = true;
  }
  changed_.NotifyAll();
  saving_.join();
}

// ---- What is told only once it is saved.

grpc::ServerUnaryReactor* CoordinatorService::Answer(grpc::CallbackServerContext* context,
                                                     const absl::Status& status) {
  Changed();
  if (run_.changes() == saved_changes_) return Reply(context, status);
  parked_.push_back({context->DefaultReactor(), status});
  return parked_.back().reactor;
}

void CoordinatorService::Changed() {
  if (save_) return changed_.NotifyAll();
  run_.Saved(run_.Memory());
  saved_changes_ = run_.changes();
  Tell(run_.Table());
}

void CoordinatorService::Tell(const MemberTable& table) {
  const bool is_new = table.version() != table_.version();
  table_ = table;
  if (is_new) Publish(/*heartbeat=*/false);
}

bool CoordinatorService::AwaitChange() {
  while (!over_ && run_.changes() == saved_changes_) {
    if (!changed_.WaitUntil(&mutex_, save_again_)) break;
  }
  return !over_ || run_.changes() != saved_changes_;
}

void CoordinatorService::SaveLoop() {
  while (true) {
    std::vector<Parked> parked;
    RunMemory memory;
    MemberTable table;
    uint64_t changes;
    {
      MutexLock lock(&mutex_);
      if (!save_ || !AwaitChange()) return;
      memory = run_.Memory();
      table = run_.Table();
      changes = run_.changes();
      parked.swap(parked_);
    }
    const absl::Status saved = save_(memory);
    {
      MutexLock lock(&mutex_);
      saved_changes_ = changes;
      NoteSaved(memory, saved);
      Tell(table);
    }
    for (const Parked& answer : parked) answer.reactor->Finish(ToGrpcStatus(answer.status));
  }
}

void CoordinatorService::NoteSaved(const RunMemory& memory, const absl::Status& saved) {
  const bool failed_before = save_again_ != Clock::time_point::max();
  if (saved.ok()) {
    run_.Saved(memory);
    save_again_ = Clock::time_point::max();
    if (!failed_before) return;
    spdlog::info("the run's state is saved again");
    run_.events()->Add(Event::alarm, "the run's state is saved again");
    return;
  }
  save_again_ = Clock::now() + kSaveAgain;
  if (!failed_before) {
    spdlog::error("the run's state is not saved, the run goes on: {}", saved.ToString());
    run_.events()->Add(Event::alarm,
                       absl::StrCat("the run's state is not saved: ", saved.message()));
  }
}

void CoordinatorService::Publish(bool heartbeat) {
  if (heartbeat) heartbeat_at_ = Clock::now();
  const auto check = [this](const WatchRequest& request)
                         DROVER_REQUIRES(mutex_) { return run_.CheckWatch(request); };
  watchers_.Publish(table_, check, heartbeat);
}

// ---- For the owner.

void CoordinatorService::Tick() {
  MutexLock lock(&mutex_);
  const Clock::time_point now = Clock::now();
  for (const Member& member : run_.Tick(now)) {
    spdlog::warn("{} {} did not renew its lease: process {} is fenced",
                 Role::Kind_Name(member.role()), member.index(), member.pid());
  }
  if (run_.changes() != saved_changes_) Changed();
  if (now - heartbeat_at_ >= kTableHeartbeat) Publish(/*heartbeat=*/true);
}

void CoordinatorService::StopRun(const StopRequest& request) {
  spdlog::info("asked to stop: {}", request.reason());
  MutexLock lock(&mutex_);
  run_.Stop(request);
  Changed();
}

StatusReply CoordinatorService::CurrentStatus() const {
  MutexLock lock(&mutex_);
  StatusReply status = run_.Status(Clock::now());
  status.set_pid(getpid());
  status.set_dashboard(dashboard_);
  return status;
}

void CoordinatorService::SetDashboard(const std::string& url) {
  MutexLock lock(&mutex_);
  dashboard_ = url;
}

std::map<Event::Kind, uint64_t> CoordinatorService::EventCounts() const {
  MutexLock lock(&mutex_);
  return run_.events().counts();
}

void CoordinatorService::Note(Event::Kind kind, const std::string& text) {
  MutexLock lock(&mutex_);
  run_.events()->Add(kind, text);
}

bool CoordinatorService::HeardOfLearner() const {
  MutexLock lock(&mutex_);
  return run_.heard_of_learner();
}

std::vector<EvaluationPoint> CoordinatorService::Points() const {
  MutexLock lock(&mutex_);
  return run_.points();
}

void CoordinatorService::PointsWritten(size_t count) {
  MutexLock lock(&mutex_);
  run_.PointsWritten(count);
  Changed();
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
  Changed();
}

bool CoordinatorService::AnyMember() const {
  MutexLock lock(&mutex_);
  return run_.AnyMember();
}

// ---- The calls.

grpc::ServerUnaryReactor* CoordinatorService::Register(grpc::CallbackServerContext* context,
                                                       const RegisterRequest* request,
                                                       RegisterReply* reply) {
  if (const absl::Status status = CheckMember(*context, request->role()); !status.ok()) {
    return Reply(context, status);
  }
  MutexLock lock(&mutex_);
  absl::StatusOr<RegisterReply> answer = run_.Register(*request, Clock::now());
  if (answer.ok()) {
    *reply = *std::move(answer);
    spdlog::info("{} {} joined: process {} on {}, epoch {}", Role::Kind_Name(request->role()),
                 reply->index(), request->pid(), request->host(), reply->epoch());
    return Answer(context, absl::OkStatus());
  }
  spdlog::warn("refused a registration from {}: {}", context->peer(), answer.status().ToString());
  run_.events()->Add(Event::refused,
                     absl::StrCat(Role::Kind_Name(request->role()), " ", request->index(), ": ",
                                  answer.status().message()));
  if (absl::IsAlreadyExists(answer.status())) {
    const auto lease = std::chrono::duration_cast<std::chrono::milliseconds>(run_.lease());
    TellNumber(context, kLeaseMillis, lease.count());
  }
  return Reply(context, answer.status());
}

grpc::ServerUnaryReactor* CoordinatorService::Renew(grpc::CallbackServerContext* context,
                                                    const RenewRequest* request,
                                                    RenewReply* /*reply*/) {
  if (const absl::Status status = CheckMember(*context, RoleOfMember(request->member_id()));
      !status.ok()) {
    return Reply(context, status);
  }
  MutexLock lock(&mutex_);
  const uint64_t before = run_.changes();
  const absl::Status status = run_.Renew(*request, Clock::now());
  // The lease does not wait for what others have changed.
  return run_.changes() == before ? Reply(context, status) : Answer(context, status);
}

grpc::ServerWriteReactor<MemberTable>* CoordinatorService::WatchMembers(
    grpc::CallbackServerContext* context, const WatchRequest* request) {
  if (const absl::Status status = CheckMember(*context, RoleOfMember(request->member_id()));
      !status.ok()) {
    return new NoWatch(status);
  }
  MutexLock lock(&mutex_);
  if (absl::Status status = run_.CheckWatch(*request); !status.ok()) return new NoWatch(status);
  return watchers_.Open(*request, table_);
}

grpc::ServerUnaryReactor* CoordinatorService::Leave(grpc::CallbackServerContext* context,
                                                    const LeaveRequest* request,
                                                    LeaveReply* /*reply*/) {
  if (const absl::Status status = CheckMember(*context, RoleOfMember(request->member_id()));
      !status.ok()) {
    return Reply(context, status);
  }
  MutexLock lock(&mutex_);
  return Answer(context, run_.Leave(*request, Clock::now()));
}

grpc::ServerUnaryReactor* CoordinatorService::Status(grpc::CallbackServerContext* context,
                                                     const StatusRequest* /*request*/,
                                                     StatusReply* reply) {
  *reply = CurrentStatus();
  (*reply->mutable_metrics())["coordinator_refused_peers"] =
      static_cast<double>(Refusals::OfProcess().total());
  TellTime(context, absl::Now());
  return Reply(context, absl::OkStatus());
}

grpc::ServerUnaryReactor* CoordinatorService::Stop(grpc::CallbackServerContext* context,
                                                   const StopRequest* request,
                                                   StopReply* /*reply*/) {
  StopRun(*request);
  MutexLock lock(&mutex_);
  return Answer(context, absl::OkStatus());
}

grpc::ServerUnaryReactor* CoordinatorService::Scale(grpc::CallbackServerContext* context,
                                                    const ScaleRequest* request,
                                                    ScaleReply* reply) {
  MutexLock lock(&mutex_);
  absl::StatusOr<ScaleReply> answer = run_.Scale(*request);
  if (!answer.ok()) return Reply(context, answer.status());
  *reply = *std::move(answer);
  spdlog::info("asked for {} actors, {} before", request->actors(), reply->before());
  return Answer(context, absl::OkStatus());
}

}  // namespace drover
