#include "client/gradient_pusher.h"

#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/stream_status.h"
#include "common/clock.h"
#include "common/random.h"
#include "common/rpc/deadline.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{50};      // a stop may go unnoticed for so long
constexpr std::chrono::milliseconds kPeerTimeout{100};  // for a learner to appear

// Whether the learner would say the same to the same words again.
bool IsFinal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status);
}

}  // namespace

GradientPusher::GradientPusher(Options options)
    : options_(std::move(options)),
      backoff_(Random({UnixMicros(), static_cast<uint64_t>(getpid())})) {}

absl::StatusOr<uint64_t> GradientPusher::Begin() {
  PushRequest request;
  DROVER_RETURN_IF_ERROR(Call(&request));
  return sequence_;
}

absl::Status GradientPusher::Push(PushRequest* request) {
  request->set_sequence(++sequence_);
  return Call(request);
}

absl::Status GradientPusher::Call(PushRequest* request) {
  {
    MutexLock lock(&mutex_);
    waits_.Begin(Clock::now());
  }
  absl::Status status = Try(request);
  while (!status.ok() && !IsFinal(status) && !absl::IsCancelled(status)) {
    if (!Pause()) {
      status = absl::CancelledError("told to stop");
      break;
    }
    {
      MutexLock lock(&mutex_);
      ++counters_.again;
    }
    status = Try(request);
  }
  MutexLock lock(&mutex_);
  waits_.End(Clock::now());
  return status;
}

absl::Status GradientPusher::Try(PushRequest* request) {
  DROVER_RETURN_IF_ERROR(Connect());
  const Identity identity = options_.identity();
  request->set_run_id(identity.run_id);
  request->set_member_id(identity.member_id);
  request->set_epoch(identity.epoch);
  request->set_table_version(identity.table_version);
  request->set_layout_hash(options_.layout.hash);
  absl::StatusOr<PushReply> reply =
      CallUnary(stub_.get(), &GradientService::Stub::Push, *request, options_.deadline);
  if (reply.ok()) return Keep(*request, &*reply);
  spdlog::warn("gradient {}: {}", request->sequence(), reply.status().ToString());
  stub_ = nullptr;  // the learner may be another one
  return reply.status();
}

absl::Status GradientPusher::Connect() {
  if (stub_ != nullptr) return absl::OkStatus();
  DROVER_ASSIGN_OR_RETURN(const Endpoint learner, options_.learner(kPeerTimeout));
  DROVER_ASSIGN_OR_RETURN(const auto channel, OpenBulkChannel(learner));
  stub_ = GradientService::NewStub(channel);
  return absl::OkStatus();
}

absl::Status GradientPusher::Keep(const PushRequest& request, PushReply* reply) {
  if (reply->version() == 0 || reply->parameters().size() != options_.layout.total_bytes) {
    stub_ = nullptr;
    return absl::UnavailableError(
        absl::StrCat("the learner sent ", reply->parameters().size(), " bytes of parameters"));
  }
  backoff_.Reset();
  sequence_ = std::max(sequence_, reply->last_sequence());
  newest_.header.set_version(reply->version());
  newest_.header.set_frames(reply->frames());
  newest_.header.set_trained_frames(reply->trained_frames());
  newest_.data.swap(*reply->mutable_parameters());
  fresh_ = true;
  Count(request, *reply);
  if (!reply->drain()) return absl::OkStatus();
  over_.store(true, std::memory_order_relaxed);
  return absl::CancelledError("the learner takes no more");
}

void GradientPusher::Count(const PushRequest& request, const PushReply& reply) {
  MutexLock lock(&mutex_);
  if (reply.verdict() != PushReply::Verdict::none) ++counters_.sent;
  if (reply.verdict() == PushReply::Verdict::not_finite) ++counters_.rejected;
  if (reply.verdict() == PushReply::Verdict::too_old) ++counters_.too_old;
  if (reply.verdict() != PushReply::Verdict::applied) return;
  ++counters_.applied;
  const uint64_t before = std::max(reply.version(), request.version() + 1) - 1;  // it made one
  counters_.lag_sum += before - request.version();
  counters_.lag_max = std::max(counters_.lag_max, before - request.version());
}

bool GradientPusher::Take(WeightSet* set) {
  if (!std::exchange(fresh_, false)) return false;
  std::swap(*set, newest_);
  return true;
}

bool GradientPusher::Pause() {
  const Clock::time_point due = Clock::now() + backoff_.Next();
  while (!options_.stop() && Clock::now() < due) std::this_thread::sleep_for(kPatience);
  return !options_.stop();
}

GradientPusher::Counters GradientPusher::counters() const {
  MutexLock lock(&mutex_);
  Counters counters = counters_;
  counters.wait_seconds = waits_.TotalSeconds(Clock::now());
  counters.wait_current = waits_.CurrentSeconds(Clock::now());
  return counters;
}

}  // namespace drover
