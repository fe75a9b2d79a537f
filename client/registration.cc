#include "client/registration.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/random.h"
#include "common/rpc/address.h"
#include "common/rpc/backoff.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/rpc/run_address.h"
#include "common/rpc/trailer.h"
#include "common/spec.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

// A dead process may hold the place that this one wants for one lease; tries are up to 2 s apart.
constexpr int kLeases = 2;
constexpr std::chrono::milliseconds kConnectPatience{500};

Backoff NewBackoff() { return Backoff(Random({UnixMicros(), static_cast<uint64_t>(getpid())})); }

}  // namespace

bool Fenced(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsNotFound(status);
}

bool Unreachable(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

Registration::Registration(Options options) : options_(std::move(options)) {
  Find().IgnoreError();  // calls find it
}

absl::Status Registration::Find() {
  DROVER_ASSIGN_OR_RETURN(const std::string address, FindCoordinator(options_.coordinator));
  MutexLock lock(&mutex_);
  if (address == address_) return absl::OkStatus();
  address_ = address;
  channel_ =
      MakeChannel(address, options_.own_connection ? ChannelUse::kBulk : ChannelUse::kControl);
  stub_ = Coordinator::NewStub(channel_);
  return absl::OkStatus();
}

std::shared_ptr<grpc::Channel> Registration::channel() const {
  MutexLock lock(&mutex_);
  return channel_;
}

std::shared_ptr<Coordinator::Stub> Registration::stub() const {
  MutexLock lock(&mutex_);
  return stub_;
}

template <typename Method, typename Request>
auto Registration::Ask(Method method, const Request& request) {
  std::shared_ptr<Coordinator::Stub> stub = this->stub();
  using Reply = decltype(CallUnary(stub.get(), method, request, options_.call_deadline));
  if (stub == nullptr) {
    if (absl::Status status = Find(); !status.ok()) return Reply(std::move(status));
    stub = this->stub();
  }
  grpc::ClientContext context;
  Reply reply = CallUnary(stub.get(), method, request, options_.call_deadline, &context);
  if (const auto told = ToldNumber(context, kLeaseMillis))
    lease_ = std::chrono::milliseconds(*told);
  if (Unreachable(reply.status())) {
    Find().IgnoreError();
    AwaitConnection(channel().get(), kConnectPatience);
  }
  return reply;
}

absl::Status Registration::Register(std::chrono::milliseconds timeout,
                                    const std::function<bool()>& give_up) {
  const Clock::time_point start = Clock::now();
  std::optional<Clock::time_point> taken;  // since when the place is, as far as is known
  Backoff backoff = NewBackoff();
  while (true) {
    if (give_up && give_up()) return absl::CancelledError("told to stop");
    absl::StatusOr<RegisterReply> reply = Call();
    if (reply.ok()) {
      run_ = *std::move(reply);
      Adopt(run_);
      return absl::OkStatus();
    }
    const absl::Status& status = reply.status();
    const Clock::time_point now = Clock::now();
    Clock::time_point limit = now;
    if (Unreachable(status)) {
      limit = start + timeout;
      taken.reset();  // the next coordinator gives every member a full lease
    }
    if (absl::IsAlreadyExists(status)) {
      if (!taken.has_value()) taken = now;
      limit = *taken + kLeases * std::clamp(lease_, {}, timeout / kLeases);  // told by a peer
    }
    const std::chrono::milliseconds pause = backoff.Next();
    if (now + pause > limit) {
      return absl::Status(status.code(),
                          absl::StrCat("cannot register with the coordinator at ",
                                       options_.coordinator, ": ", status.message()));
    }
    std::this_thread::sleep_for(pause);
  }
}

absl::Status Registration::RegisterAgain() {
  DROVER_ASSIGN_OR_RETURN(const RegisterReply reply, Call());
  if (reply.run_id() != run_.run_id()) {
    return absl::FailedPreconditionError(absl::StrCat("the coordinator at ", options_.coordinator,
                                                      " now serves another run, ", reply.run_id()));
  }
  Adopt(reply);
  spdlog::info("registered again, with epoch {}", reply.epoch());
  return absl::OkStatus();
}

absl::Status Registration::Renew(const Report& report) {
  const Identity identity = this->identity();
  RenewRequest request;
  request.set_member_id(identity.member_id);
  request.set_epoch(identity.epoch);
  *request.mutable_report() = report;
  return Ask(&Coordinator::Stub::Renew, request).status();
}

absl::Status Registration::Leave(const Report& last, std::chrono::milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  Backoff backoff = NewBackoff();
  LeaveRequest request;
  *request.mutable_report() = last;
  while (true) {
    const Identity identity = this->identity();
    request.set_member_id(identity.member_id);
    request.set_epoch(identity.epoch);
    absl::Status status = Ask(&Coordinator::Stub::Leave, request).status();
    if (Fenced(status)) {
      status = RegisterAgain();
      if (status.ok()) continue;
    }
    const std::chrono::milliseconds pause = backoff.Next();
    if (!Unreachable(status) || Clock::now() + pause > deadline) return status;
    std::this_thread::sleep_for(pause);
  }
}

absl::StatusOr<RegisterReply> Registration::Call() {
  RegisterRequest request;
  request.set_role(options_.role);
  request.set_index(options_.index);
  if (options_.any_index && run_.run_id().empty()) {
    request.set_any_index(true);
  } else if (options_.any_index) {
    request.set_index(run_.index());
  }
  request.set_host(HostName());
  *request.mutable_endpoint() = options_.endpoint;
  request.set_pid(getpid());
  request.set_previous_epoch(identity().epoch);
  DROVER_ASSIGN_OR_RETURN(RegisterReply reply, Ask(&Coordinator::Stub::Register, request));
  if (const uint32_t version = reply.spec().protocol_version(); version != kProtocolVersion) {
    return absl::UnimplementedError(absl::StrCat("the coordinator speaks protocol version ",
                                                 version, ", this process ", kProtocolVersion));
  }
  return reply;
}

void Registration::Adopt(const RegisterReply& reply) {
  MutexLock lock(&mutex_);
  identity_ = {reply.run_id(), reply.member_id(), reply.epoch(), reply.table_version()};
}

Identity Registration::identity() const {
  MutexLock lock(&mutex_);
  return identity_;
}

}  // namespace drover
