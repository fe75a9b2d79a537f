#include "learner/gradient_receiver.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/clock.h"
#include "common/rpc/wire.h"
#include "common/status_grpc.h"

namespace drover {
namespace {

constexpr size_t kMostStatistics = 64;  // different names in a run

// Two encodings in a row are that of a message with the fields of both.
grpc::ByteBuffer Joined(const grpc::ByteBuffer& first, const grpc::ByteBuffer& second) {
  std::vector<grpc::Slice> slices;
  std::vector<grpc::Slice> more;
  DROVER_CHECK(first.Dump(&slices).ok() && second.Dump(&more).ok());
  slices.insert(slices.end(), more.begin(), more.end());
  return {slices.data(), slices.size()};
}

}  // namespace

GradientReceiver::~GradientReceiver() {
  MutexLock lock(&mutex_);
  DROVER_CHECK(pending_.empty() && !taken_);
}

void GradientReceiver::Open(const GradientOptions& options, ReceivedTotals totals,
                            EpisodeStatistics* episodes) {
  MutexLock lock(&mutex_);
  DROVER_CHECK(!open_);
  first_step_.Open(UnixMicros());
  options_ = options;
  validator_.emplace(options.form);
  episodes_ = episodes;
  totals_ = std::move(totals);
  open_ = true;
  if (BudgetSpent()) StopIntake();
}

// ---- What actors say.

grpc::ServerUnaryReactor* GradientReceiver::Push(grpc::CallbackServerContext* context,
                                                 const grpc::ByteBuffer* request,
                                                 grpc::ByteBuffer* reply) {
  const auto begin = Clock::now();
  const Call call{0, context->DefaultReactor(), reply};
  const absl::Status status = Handle(*request, call);
  MutexLock lock(&mutex_);
  counters_.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
  if (status.ok()) return call.reactor;
  if (!absl::IsUnavailable(status)) {
    ++counters_.refused;
    spdlog::warn("refused a gradient from {}: {}", context->peer(), status.ToString());
  }
  Fail(call, status);
  return call.reactor;
}

absl::Status GradientReceiver::Handle(grpc::ByteBuffer bytes, Call call) {
  {
    MutexLock lock(&mutex_);
    absl::Status ready = CheckReady();
    if (!ready.ok()) return ready;
  }
  if (const size_t limit = validator_->MaxMessageBytes(); bytes.Length() > limit) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a message of ", bytes.Length(), " bytes; at most ", limit, " fit the model"));
  }
  auto request = std::make_unique<PushRequest>();
  if (!DecodeMessage(&bytes, request.get())) {
    return absl::InvalidArgumentError("bytes that are no PushRequest");
  }
  absl::Status status = validator_->CheckForm(*request);
  if (!status.ok()) return status;
  const absl::Status finite = PushValidator::CheckFinite(*request);
  call.member = request->member_id();
  MutexLock lock(&mutex_);
  status = CheckReady();
  if (status.ok()) status = Admit(*request);
  if (status.ok()) status = CheckAgainstRun(*request);
  if (status.ok()) Take(std::move(request), finite, call);
  return status;
}

absl::Status GradientReceiver::CheckReady() const {
  if (closed_) return absl::UnavailableError("the learner ends");
  if (!open_ || version_ == 0) return absl::UnavailableError("the learner is not ready");
  return absl::OkStatus();
}

absl::Status GradientReceiver::Admit(const PushRequest& request) const {
  const Clock::time_point now = Clock::now();
  const Peer peer{request.run_id(), request.member_id(), request.epoch(), request.table_version(),
                  now};
  const Admission::Decision decision = admission_->Decide(peer, now);
  if (decision.ruling == Admission::Ruling::kLeave) {
    return absl::UnavailableError(
        absl::StrCat("member table ", request.table_version(), " has not arrived"));
  }
  return decision.status;
}

absl::Status GradientReceiver::CheckAgainstRun(const PushRequest& request) {
  if (request.version() > version_) {
    return absl::InvalidArgumentError(
        absl::StrCat("version ", request.version(), "; the newest is ", version_));
  }
  for (const auto& [name, value] : request.statistics()) {
    if (statistics_.size() >= kMostStatistics && statistics_.count(name) == 0) {
      return absl::InvalidArgumentError(absl::StrCat("statistic ", name, ": there are too many"));
    }
    statistics_.insert(name);
  }
  return absl::OkStatus();
}

void GradientReceiver::Take(std::unique_ptr<PushRequest> request, const absl::Status& finite,
                            const Call& call) {
  if (request->sequence() == 0) {
    DropPending(call.member);  // of a process before this one
    return Reply(call, Verdict::none);
  }
  if (stopped_) return Reply(call, Verdict::late);
  if (request->sequence() <= LastSequence(call.member)) {
    ++counters_.repeated;
    return Reply(call, Verdict::repeated);
  }
  if (!finite.ok()) {
    ++counters_.not_finite;
    ++totals_.missing;
    DropPending(call.member);
    CountSequence(*request);
    spdlog::warn("member {}: {}", call.member, finite.ToString());
    return Reply(call, Verdict::not_finite);
  }
  Enqueue(std::move(request), call);
}

// The same gradient again keeps its turn.
void GradientReceiver::Enqueue(std::unique_ptr<PushRequest> request, const Call& call) {
  for (Pending& pending : pending_) {
    if (pending.call.member != call.member) continue;
    if (pending.request->sequence() != request->sequence()) break;
    Fail(std::exchange(pending.call, call), absl::AbortedError("a newer call of the same member"));
    return;
  }
  DropPending(call.member);
  pending_.push_back({call, std::move(request)});
  changed_.NotifyAll();
}

void GradientReceiver::DropPending(uint64_t member) {
  const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) {
    return pending.call.member == member;
  });
  if (found == pending_.end()) return;
  Fail(found->call, absl::AbortedError("a newer call of the same member"));
  pending_.erase(found);
}

// ---- What the learner does.

void GradientReceiver::SetWeights(uint64_t version, uint64_t trained_frames,
                                  absl::string_view parameters) {
  MutexLock lock(&mutex_);
  version_ = version;
  weights_message_.set_version(version);
  weights_message_.set_trained_frames(trained_frames);
  weights_message_.mutable_parameters()->assign(parameters.data(), parameters.size());
  weights_ = EncodeMessage(weights_message_);
}

std::optional<ReceivedGradient> GradientReceiver::Next(Clock::time_point deadline) {
  MutexLock lock(&mutex_);
  DROVER_CHECK(!taken_) << "the last gradient is not answered";
  while (true) {
    while (pending_.empty() && !stopped_) {
      if (!changed_.WaitUntil(&mutex_, deadline)) break;
    }
    if (pending_.empty()) return std::nullopt;
    const Call call = pending_.front().call;
    const std::unique_ptr<PushRequest> request = std::move(pending_.front().request);
    pending_.pop_front();
    CountSequence(*request);
    CountFrames(*request);
    const uint64_t lag = version_ - request->version();
    const bool too_old = lag > static_cast<uint64_t>(options_.max_policy_lag);
    if (too_old) {
      ++counters_.too_old;
      Reply(call, Verdict::too_old);
    } else {
      ++counters_.applied;
      taken_ = call;
    }
    if (BudgetSpent()) StopIntake();
    if (too_old) continue;
    return ReceivedGradient{std::move(*request->mutable_gradient()),
                            {request->statistics().begin(), request->statistics().end()},
                            lag,
                            SeenIn(*request)};
  }
}

void GradientReceiver::Answer() {
  MutexLock lock(&mutex_);
  if (taken_) Reply(*std::exchange(taken_, std::nullopt), Verdict::applied);
}

void GradientReceiver::StopIntake() {
  stopped_ = true;
  for (const Pending& pending : pending_) Reply(pending.call, Verdict::late);
  pending_.clear();
  changed_.NotifyAll();
}

void GradientReceiver::Drain() {
  MutexLock lock(&mutex_);
  StopIntake();
  if (taken_) Reply(*std::exchange(taken_, std::nullopt), Verdict::applied);
}

void GradientReceiver::Close() {
  MutexLock lock(&mutex_);
  const absl::Status status = absl::UnavailableError("the learner ends");
  closed_ = true;
  for (const Pending& pending : pending_) Fail(pending.call, status);
  pending_.clear();
  if (taken_) Fail(*std::exchange(taken_, std::nullopt), status);
  StopIntake();
}

// ---- Answers.

void GradientReceiver::Reply(const Call& call, Verdict::Kind verdict) {
  PushReply rest;
  rest.set_frames(totals_.frames);
  rest.set_last_sequence(LastSequence(call.member));
  rest.set_verdict(verdict);
  rest.set_drain(stopped_);
  *call.reply = Joined(weights_, EncodeMessage(rest));
  call.reactor->Finish(grpc::Status::OK);
}

void GradientReceiver::Fail(const Call& call, const absl::Status& status) {
  call.reactor->Finish(ToGrpcStatus(status));
}

// ---- Figures.

void GradientReceiver::CountSequence(const PushRequest& request) {
  uint64_t& last = totals_.last_sequence[request.member_id()];
  totals_.missing += request.sequence() - last - 1;
  last = request.sequence();
}

void GradientReceiver::CountFrames(const PushRequest& request) {
  totals_.frames += options_.form.message_frames;
  first_step_.Note(request.started_unix_micros(), UnixMicros());
  for (const Episode& episode : request.episodes()) {
    episodes_->Add(episode.return_(), episode.length());
  }
}

uint64_t GradientReceiver::LastSequence(uint64_t member) const {
  const auto found = totals_.last_sequence.find(member);
  return found == totals_.last_sequence.end() ? 0 : found->second;
}

bool GradientReceiver::BudgetSpent() const {
  return open_ && totals_.frames + options_.form.message_frames > options_.max_frames;
}

bool GradientReceiver::budget_spent() const {
  MutexLock lock(&mutex_);
  return BudgetSpent();
}

bool GradientReceiver::finished() const {
  MutexLock lock(&mutex_);
  return stopped_;
}

ReceivedTotals GradientReceiver::totals(const std::function<void()>& meanwhile) const {
  MutexLock lock(&mutex_);
  if (meanwhile) meanwhile();
  return totals_;
}

GradientCounters GradientReceiver::counters() const {
  MutexLock lock(&mutex_);
  GradientCounters counters = counters_;
  counters.frames = totals_.frames;
  counters.started_unix_micros = first_step_.unix_micros();
  counters.pending = static_cast<int64_t>(pending_.size());
  return counters;
}

}  // namespace drover
