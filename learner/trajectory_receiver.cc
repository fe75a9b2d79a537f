#include "learner/trajectory_receiver.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/clock.h"
#include "common/rpc/wire.h"
#include "common/status_grpc.h"

namespace drover {
namespace {

constexpr size_t kMaxHelloBytes = 4096;

}  // namespace

TrajectoryReceiver::TrajectoryReceiver(const Admission* admission, StreamLimits limits)
    : admission_(admission), limits_(limits) {}

TrajectoryReceiver::~TrajectoryReceiver() {
  MutexLock lock(&mutex_);
  DROVER_CHECK(actors_.empty());
}

void TrajectoryReceiver::Open(const TrajectoryOptions& options, ReceivedTotals totals,
                              UnrollQueue* queue, EpisodeStatistics* episodes) {
  const auto environments = static_cast<size_t>(options.environments);
  MutexLock lock(&mutex_);
  DROVER_CHECK(!intake_);
  first_step_.Open(UnixMicros());
  queue_ = queue;
  episodes_ = episodes;
  spec_hash_ = options.spec_hash;
  environments_ = options.environments;
  batch_ = options.batch;
  const bool lockstep = options.max_state_bytes > 0;
  if (lockstep) {
    round_.emplace(static_cast<size_t>(options.batch / environments_), options.elastic);
  }
  max_message_bytes_ = options.layout.MaxMessageBytes(environments) + options.max_state_bytes +
                       options.moments.MaxBytes();
  validator_.emplace(options.layout, options.actions, options.max_state_bytes, options.moments);
  intake_.emplace(
      Intake::Options{environments_, options.layout.steps() * environments, options.max_frames,
                      options.elastic ? Round::kMostMembers * environments_ : options.batch,
                      options.max_policy_lag, lockstep},
      std::move(totals));
  if (intake_->budget_spent()) StopIntake();
}

// ---- What gRPC reports.

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* TrajectoryReceiver::Stream(
    grpc::CallbackServerContext* context) {
  MutexLock lock(&mutex_);
  const StreamId id = next_id_++;
  auto* stream = new PeerStream(this, id, context, limits_);
  Actor& actor = actors_[id];
  actor.stream = stream;
  if (intake_ && !closed_) {
    Read(&actor);
  } else {
    stream->Close(
        {grpc::StatusCode::UNAVAILABLE, closed_ ? "the learner ends" : "the learner is not ready"});
  }
  return stream;
}

void TrajectoryReceiver::OnMessage(PeerStream* stream, grpc::ByteBuffer* message) {
  const auto begin = Clock::now();
  const absl::Status status = Handle(stream, message);
  MutexLock lock(&mutex_);
  counters_.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
  Actor* actor = Find(stream->id());
  actor->reading = false;
  if (!status.ok()) Refuse(actor, status);
  Read(actor);
}

void TrajectoryReceiver::OnWritable(PeerStream* stream) {
  MutexLock lock(&mutex_);
  Flush(Find(stream->id()));
}

void TrajectoryReceiver::OnPeerFinished(PeerStream* stream) {
  MutexLock lock(&mutex_);
  End(Find(stream->id()), absl::OkStatus());
}

void TrajectoryReceiver::OnGone(PeerStream* stream) {
  MutexLock lock(&mutex_);
  End(Find(stream->id()), absl::OkStatus());
  actors_.erase(stream->id());
}

// ---- What actors say.

absl::Status TrajectoryReceiver::Handle(PeerStream* stream, grpc::ByteBuffer* bytes) {
  bool greeted;
  {
    MutexLock lock(&mutex_);
    greeted = Find(stream->id())->peer.has_value();
  }
  const size_t limit = greeted ? max_message_bytes_ : kMaxHelloBytes;
  if (bytes->Length() > limit) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a message of ", bytes->Length(), " bytes; at most ", limit, " fit the spec"));
  }
  ActorMessage message;
  if (!DecodeMessage(bytes, &message)) {
    return absl::InvalidArgumentError("bytes that are no ActorMessage");
  }
  if (message.has_hello() == greeted) {
    return absl::InvalidArgumentError(greeted ? "a second Hello" : "the first message is no Hello");
  }
  switch (message.message_case()) {
    case ActorMessage::kHello:
      return HandleHello(stream->id(), message.hello());
    case ActorMessage::kUnrolls:
      return HandleUnrolls(stream->id(), absl::WrapUnique(message.release_unrolls()));
    case ActorMessage::kHeartbeat:
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError("an empty ActorMessage");
  }
}

absl::Status TrajectoryReceiver::HandleHello(StreamId id, const Hello& hello) {
  if (hello.spec_hash() != spec_hash_) {
    return absl::FailedPreconditionError("another spec or protocol version than this run's");
  }
  if (hello.environments() != environments_) {
    return absl::InvalidArgumentError(absl::StrCat(
        hello.environments(), " environments; this run's actors have ", environments_));
  }
  MutexLock lock(&mutex_);
  Actor* actor = Find(id);
  actor->peer =
      Peer{hello.run_id(), hello.member_id(), hello.epoch(), hello.table_version(), Clock::now()};
  Judge(actor, Clock::now());
  return absl::OkStatus();
}

absl::Status TrajectoryReceiver::HandleUnrolls(StreamId id, std::unique_ptr<Unrolls> unrolls) {
  if (unrolls->sequence() == 0) return absl::InvalidArgumentError("sequence 0: it starts at 1");
  const absl::Status form = validator_->CheckForm(*unrolls, environments_, version_.load());
  if (!form.ok()) return form;
  const absl::Status finite = validator_->CheckFinite(*unrolls);
  MutexLock lock(&mutex_);
  Actor* actor = Find(id);
  if (!actor->peer->admitted) return absl::OkStatus();  // its stream was ended meanwhile
  return Take(actor, std::move(unrolls), finite);
}

absl::Status TrajectoryReceiver::Take(Actor* actor, std::unique_ptr<Unrolls> unrolls,
                                      const absl::Status& finite) {
  const uint64_t member = actor->peer->member_id;
  const bool wanted = !round_ || round_->Awaits(member);
  switch (intake_->Take(actor->stream->id(), member, unrolls->sequence(), finite.ok(), wanted)) {
    case Intake::Verdict::kTooMany:
      return absl::ResourceExhaustedError("more unrolls than credits");
    case Intake::Verdict::kAccept:
      Accept(member, std::move(unrolls));
      break;
    case Intake::Verdict::kReject:
      counters_.rejected_unrolls += static_cast<uint64_t>(environments_);
      actor->outbox.Reject(unrolls->sequence(), std::string(finite.message()));
      Flush(actor);
      break;
    case Intake::Verdict::kIgnore:
      counters_.ignored_unrolls += static_cast<uint64_t>(environments_);
      break;
  }
  Grant();  // also after kAccept: the stream has less in flight than before
  return absl::OkStatus();
}

void TrajectoryReceiver::Accept(uint64_t member, std::unique_ptr<Unrolls> unrolls) {
  ++counters_.messages;
  first_step_.Note(unrolls->started_unix_micros(), UnixMicros());
  for (const Episode& episode : unrolls->episodes()) {
    episodes_->Add(episode.return_(), episode.length());
  }
  if (round_) {
    intake_->KeepState(member, std::move(*unrolls->mutable_state()));
    round_->Add(member, std::move(unrolls));
    CheckRound();
  } else {
    Push(std::move(unrolls), batch_);
  }
  if (intake_->budget_spent()) StopIntake();
}

void TrajectoryReceiver::Push(std::unique_ptr<Unrolls> message, int64_t batch) {
  const bool queued = queue_->TryPush({std::move(message), batch});
  DROVER_CHECK(queued) << "the credit ledger let out more than the queue takes";
}

void TrajectoryReceiver::CheckRound() {
  if (!round_->complete()) return;
  std::vector<std::unique_ptr<Unrolls>> messages = round_->Take();
  const int64_t batch = static_cast<int64_t>(messages.size()) * environments_;
  for (auto& message : messages) Push(std::move(message), batch);
}

// The credits of this version go to those who are here.
void TrajectoryReceiver::BeginRound() {
  Round::Members present;
  for (const auto& [id, actor] : actors_) {
    if (actor.peer && actor.peer->admitted) present.insert(actor.peer->member_id);
  }
  round_->Begin(present, admission_->Living());
  intake_->ledger().NextTurns();
}

// ---- Who may speak.

void TrajectoryReceiver::Judge(Actor* actor, Clock::time_point now) {
  if (actor->stream->closed()) return;
  const Admission::Decision decision = admission_->Decide(*actor->peer, now);
  if (decision.ruling == Admission::Ruling::kAdmit) {
    Admit(actor);
  } else if (decision.ruling == Admission::Ruling::kClose) {
    if (!actor->peer->admitted) return Refuse(actor, decision.status);
    End(actor, decision.status);  // fenced or gone meanwhile: nothing that it sent
  }
}

void TrajectoryReceiver::Admit(Actor* actor) {
  for (auto& [id, other] : actors_) {
    if (other.peer && other.peer->admitted && other.peer->member_id == actor->peer->member_id) {
      End(&other, absl::AbortedError("a newer stream of the same member"));
    }
  }
  actor->peer->admitted = true;
  const uint64_t member = actor->peer->member_id;
  actor->outbox.Welcome(intake_->last_sequence(member), intake_->state(member));
  if (intake_->stopped()) actor->outbox.Drain();
  bool waits = false;
  if (round_) {
    round_->Arrived(member);
    if (round_->deserted()) BeginRound();
    waits = !round_->Awaits(member);
  }
  intake_->ledger().Join(actor->stream->id(), environments_, waits);
  Grant();
  Flush(actor);
  Read(actor);
}

void TrajectoryReceiver::Refuse(Actor* actor, const absl::Status& status) {
  if (actor->stream->closed()) return;
  ++counters_.refused_streams;
  spdlog::warn("refused the trajectories of member {}: {}",
               actor->peer ? actor->peer->member_id : 0, status.ToString());
  End(actor, status);
}

void TrajectoryReceiver::End(Actor* actor, const absl::Status& status) {
  actor->stream->Close(ToGrpcStatus(status));
  if (!actor->peer || !actor->peer->admitted) return;
  actor->peer->admitted = false;
  intake_->ledger().Leave(actor->stream->id());
  Grant();
}

void TrajectoryReceiver::Tick(Clock::time_point now) {
  MutexLock lock(&mutex_);
  if (round_ && !intake_->stopped()) {
    round_->KeepOnly(admission_->Living());
    CheckRound();
  }
  for (auto& [id, actor] : actors_) {
    if (actor.stream->closed()) {
      actor.stream->Tick(now);
      continue;
    }
    if (actor.peer) Judge(&actor, now);
    switch (actor.stream->Tick(now)) {
      case PeerStream::Due::kNothing:
        break;
      case PeerStream::Due::kHeartbeat:
        actor.outbox.Heartbeat();
        Flush(&actor);
        break;
      case PeerStream::Due::kClose:
        End(&actor, absl::DeadlineExceededError("nothing was heard, not even a heartbeat"));
    }
  }
}

// ---- Credits and messages.

// Waiting actors are not read, nor those who have yet to hear of a rejection.
void TrajectoryReceiver::Read(Actor* actor) {
  if (actor->reading || actor->outbox.rejecting()) return;
  if (actor->peer && !actor->peer->admitted) return;
  actor->reading = true;
  actor->stream->ReadNext();
}

void TrajectoryReceiver::Flush(Actor* actor) {
  const std::optional<LearnerMessage> message = actor->outbox.Next();
  if (!message || !actor->stream->Write(EncodeMessage(*message))) return;  // OnWritable comes back
  actor->outbox.Sent();
  Read(actor);
}

void TrajectoryReceiver::Grant() {
  for (const CreditLedger::Grant& grant : intake_->Grants()) {
    Actor* actor = Find(grant.stream);
    actor->outbox.Grant(grant.unrolls, version_.load());
    Flush(actor);
  }
}

void TrajectoryReceiver::Release(int64_t unrolls) {
  MutexLock lock(&mutex_);
  intake_->ledger().Release(unrolls);
  if (round_) BeginRound();
  Grant();
}

void TrajectoryReceiver::StopIntake() {
  if (intake_->stopped()) return;
  intake_->Stop();
  queue_->Close();
  for (auto& [id, actor] : actors_) {
    if (!actor.peer || !actor.peer->admitted) continue;
    actor.outbox.Drain();
    Flush(&actor);
  }
}

void TrajectoryReceiver::Drain() {
  MutexLock lock(&mutex_);
  StopIntake();
}

void TrajectoryReceiver::Close() {
  MutexLock lock(&mutex_);
  closed_ = true;
  // First, so that none is told to drain: the run may go on with the next learner.
  for (auto& [id, actor] : actors_) End(&actor, absl::UnavailableError("the learner ends"));
  if (intake_) StopIntake();
}

// ---- Figures.

void TrajectoryReceiver::SetVersion(uint64_t version) { version_.store(version); }

bool TrajectoryReceiver::budget_spent() const {
  MutexLock lock(&mutex_);
  return intake_ && intake_->budget_spent();
}

ReceivedTotals TrajectoryReceiver::totals(const std::function<void()>& meanwhile) const {
  MutexLock lock(&mutex_);
  if (meanwhile) meanwhile();
  return intake_->totals();
}

TrajectoryCounters TrajectoryReceiver::counters() const {
  MutexLock lock(&mutex_);
  TrajectoryCounters counters = counters_;
  if (!intake_) return counters;
  counters.frames = intake_->totals().frames;
  counters.queued_unrolls = intake_->ledger().queued();
  counters.started_unix_micros = first_step_.unix_micros();
  counters.credits_out = intake_->ledger().in_flight();
  for (const auto& [id, actor] : actors_)
    counters.streams += actor.peer && actor.peer->admitted ? 1 : 0;
  return counters;
}

TrajectoryReceiver::Actor* TrajectoryReceiver::Find(StreamId id) {
  const auto found = actors_.find(id);
  DROVER_CHECK(found != actors_.end());
  return &found->second;
}

}  // namespace drover
