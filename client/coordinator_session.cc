#include "client/coordinator_session.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/stream_status.h"
#include "common/clock.h"
#include "common/random.h"
#include "common/rpc/backoff.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/spec.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace drover {
namespace {

// At the first registration: the dead process that this one replaces may hold its place for a
// lease.
constexpr std::chrono::milliseconds kPlaceTaken{5000};

bool Unreachable(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

bool Fenced(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsNotFound(status);
}

Backoff NewBackoff() { return Backoff(Random({UnixMicros(), static_cast<uint64_t>(getpid())})); }

}  // namespace

absl::StatusOr<std::unique_ptr<CoordinatorSession>> CoordinatorSession::Register(Options options) {
  std::unique_ptr<CoordinatorSession> session(new CoordinatorSession(std::move(options)));
  DROVER_RETURN_IF_ERROR(session->RegisterFirst());
  session->StartThreads();
  return session;
}

CoordinatorSession::CoordinatorSession(Options options)
    : options_(std::move(options)),
      stub_(Coordinator::NewStub(MakeChannel(options_.coordinator, ChannelUse::kControl))) {}

CoordinatorSession::~CoordinatorSession() { StopThreads(); }

absl::Status CoordinatorSession::RegisterFirst() {
  const Clock::time_point start = Clock::now();
  Backoff backoff = NewBackoff();
  while (true) {
    if (options_.give_up && options_.give_up()) return absl::CancelledError("told to stop");
    absl::StatusOr<RegisterReply> reply = CallRegister();
    if (reply.ok()) {
      run_ = *std::move(reply);
      Adopt(run_);
      return absl::OkStatus();
    }
    const absl::Status& status = reply.status();
    const Clock::duration patience = Unreachable(status) ? options_.register_timeout
                                     : absl::IsFailedPrecondition(status)
                                         ? std::min(options_.register_timeout, kPlaceTaken)
                                         : std::chrono::milliseconds(0);
    const std::chrono::milliseconds pause = backoff.Next();
    if (Clock::now() + pause > start + patience) {
      return absl::Status(status.code(),
                          absl::StrCat("cannot register with the coordinator at ",
                                       options_.coordinator, ": ", status.message()));
    }
    std::this_thread::sleep_for(pause);
  }
}

absl::StatusOr<RegisterReply> CoordinatorSession::CallRegister() {
  RegisterRequest request;
  request.set_role(options_.role);
  request.set_index(options_.index);
  *request.mutable_endpoint() = options_.endpoint;
  request.set_pid(getpid());
  DROVER_ASSIGN_OR_RETURN(RegisterReply reply, CallUnary(stub_.get(), &Coordinator::Stub::Register,
                                                         request, options_.call_deadline));
  if (const uint32_t version = reply.spec().protocol_version(); version != kProtocolVersion) {
    return absl::UnimplementedError(absl::StrCat("the coordinator speaks protocol version ",
                                                 version, ", this process ", kProtocolVersion));
  }
  return reply;
}

absl::Status CoordinatorSession::RegisterAgain() {
  DROVER_ASSIGN_OR_RETURN(const RegisterReply reply, CallRegister());
  if (reply.run_id() != run_.run_id()) {
    return absl::FailedPreconditionError(absl::StrCat("the coordinator at ", options_.coordinator,
                                                      " now serves another run, ", reply.run_id()));
  }
  Adopt(reply);
  spdlog::info("registered again, with epoch {}", reply.epoch());
  return absl::OkStatus();
}

void CoordinatorSession::Adopt(const RegisterReply& reply) {
  MutexLock lock(&mutex_);
  identity_ = {reply.run_id(), reply.member_id(), reply.epoch(), reply.table_version()};
}

void CoordinatorSession::StartThreads() {
  Endpoint coordinator;
  coordinator.add_addresses(options_.coordinator);
  watching_ = std::make_unique<Reconnector>(
      "member table", [coordinator](std::chrono::milliseconds) { return coordinator; },
      [this](const Endpoint&, const std::function<void()>& works) { return Watch(works); },
      [this](const absl::Status& status) { End(status); });
  renewing_ = std::thread([this] { RenewLoop(); });
}

void CoordinatorSession::StopThreads() {
  if (watching_ != nullptr) watching_->RequestStop();
  {
    MutexLock lock(&mutex_);
    if (status_.ok()) status_ = absl::CancelledError("this process leaves");
    if (watch_ != nullptr) watch_->TryCancel();
  }
  changed_.NotifyAll();
  if (watching_ != nullptr) watching_->Stop();
  if (renewing_.joinable()) renewing_.join();
}

void CoordinatorSession::RenewLoop() {
  const std::chrono::milliseconds pause(
      static_cast<int64_t>(std::clamp(run_.lease_seconds(), 0.03, 3600.0) * 1000 / 3));
  bool reachable = true;
  while (Sleep(pause)) {
    absl::Status status = Renew();
    if (Fenced(status)) {
      spdlog::warn("fenced: {}", std::string(status.message()));
      status = RegisterAgain();
      if (!status.ok() && !Unreachable(status)) return End(status);
    }
    if (status.ok() != reachable) {
      reachable = status.ok();
      if (reachable)
        spdlog::info("the coordinator is back");
      else
        spdlog::warn("cannot renew the lease, trying on: {}", status.ToString());
    }
  }
}

absl::Status CoordinatorSession::Renew() {
  RenewRequest request;
  const Identity identity = this->identity();
  request.set_member_id(identity.member_id);
  request.set_epoch(identity.epoch);
  {
    MutexLock lock(&report_mutex_);
    if (report_) *request.mutable_report() = report_();
  }
  DROVER_RETURN_IF_ERROR(
      CallUnary(stub_.get(), &Coordinator::Stub::Renew, request, options_.call_deadline).status());
  MutexLock lock(&report_mutex_);
  if (sent_) sent_();
  return absl::OkStatus();
}

absl::Status CoordinatorSession::Watch(const std::function<void()>& works) {
  const Identity identity = this->identity();
  WatchRequest request;
  request.set_member_id(identity.member_id);
  request.set_epoch(identity.epoch);
  grpc::ClientContext context;
  {
    MutexLock lock(&mutex_);
    if (!status_.ok()) return absl::OkStatus();
    watch_ = &context;
  }
  Pulse pulse(options_.limits, nullptr, [&context] { context.TryCancel(); });
  const auto reader = stub_->WatchMembers(&context, request);
  MemberTable table;
  while (reader->Read(&table)) {
    pulse.Received();
    works();
    SetTable(table);
  }
  const absl::Status status = StreamStatus(reader->Finish());
  MutexLock lock(&mutex_);
  watch_ = nullptr;
  return status_.ok() ? status : absl::OkStatus();
}

void CoordinatorSession::SetTable(const MemberTable& table) {
  if (table.run_id() != run_.run_id()) {
    return End(absl::FailedPreconditionError(
        absl::StrCat("the coordinator now serves another run, ", table.run_id())));
  }
  {
    MutexLock lock(&mutex_);
    // Repeated as a heartbeat?
    if (table.version() == table_.version() && table.state() == table_.state()) return;
    table_ = table;
  }
  changed_.NotifyAll();
  if (options_.on_table) options_.on_table(table);
}

void CoordinatorSession::End(const absl::Status& status) {
  {
    MutexLock lock(&mutex_);
    if (!status_.ok()) return;
    status_ = status;
    if (watch_ != nullptr) watch_->TryCancel();
  }
  changed_.NotifyAll();
  if (options_.on_over) options_.on_over(status);
}

bool CoordinatorSession::Sleep(std::chrono::milliseconds time) {
  const Clock::time_point due = Clock::now() + time;
  MutexLock lock(&mutex_);
  while (status_.ok() && Clock::now() < due) changed_.WaitUntil(&mutex_, due);
  return status_.ok();
}

Identity CoordinatorSession::identity() const {
  MutexLock lock(&mutex_);
  return identity_;
}

absl::Status CoordinatorSession::status() const {
  MutexLock lock(&mutex_);
  return status_;
}

MemberTable CoordinatorSession::table() const {
  MutexLock lock(&mutex_);
  return table_;
}

RunState::Kind CoordinatorSession::state() const {
  MutexLock lock(&mutex_);
  return table_.state();
}

void CoordinatorSession::SetReport(std::function<Report()> report, std::function<void()> sent) {
  MutexLock lock(&report_mutex_);
  report_ = std::move(report);
  sent_ = std::move(sent);
}

absl::StatusOr<Endpoint> CoordinatorSession::WaitForPeer(Role::Kind role,
                                                         std::chrono::milliseconds timeout) const {
  const Clock::time_point deadline = Clock::now() + timeout;
  MutexLock lock(&mutex_);
  while (status_.ok()) {
    const Member* newest = nullptr;
    for (const Member& member : table_.members()) {
      if (member.role() != role || member.endpoint().addresses().empty()) continue;
      if (newest == nullptr || member.epoch() > newest->epoch()) newest = &member;
    }
    if (newest != nullptr) return newest->endpoint();
    if (!changed_.WaitUntil(&mutex_, deadline)) {
      return absl::UnavailableError(absl::StrCat("no ", Role::Kind_Name(role), " in the run yet"));
    }
  }
  return status_;
}

bool CoordinatorSession::WaitForDrain(std::chrono::milliseconds timeout) const {
  const Clock::time_point deadline = Clock::now() + timeout;
  MutexLock lock(&mutex_);
  while (status_.ok() && table_.state() < RunState::draining) {
    if (!changed_.WaitUntil(&mutex_, deadline)) return false;
  }
  return true;
}

absl::Status CoordinatorSession::Leave(const Report& last, std::chrono::milliseconds timeout) {
  StopThreads();
  const Clock::time_point deadline = Clock::now() + timeout;
  Backoff backoff = NewBackoff();
  LeaveRequest request;
  *request.mutable_report() = last;
  while (true) {
    const Identity identity = this->identity();
    request.set_member_id(identity.member_id);
    request.set_epoch(identity.epoch);
    absl::Status status =
        CallUnary(stub_.get(), &Coordinator::Stub::Leave, request, options_.call_deadline).status();
    if (Fenced(status)) {
      status = RegisterAgain();
      if (status.ok()) continue;
    }
    const std::chrono::milliseconds pause = backoff.Next();
    if (!Unreachable(status) || Clock::now() + pause > deadline) return status;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace drover
