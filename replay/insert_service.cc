#include "replay/insert_service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/rpc/limits.h"
#include "common/rpc/wire.h"
#include "common/status_grpc.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr size_t kMaxHelloBytes = 4096;
constexpr uint32_t kMaxEnvironments = 65536;

// No valid message of `environments` is larger.
size_t MaxMessageBytes(const Store& store, size_t environments) {
  constexpr size_t kItemBytes = 16;  // of environment, first step and priority
  constexpr size_t kTableBytes = 512;
  const UnrollLayout& layout = store.layout();
  return layout.MaxMessageBytes(environments) +
         store.tables() * (kTableBytes + kItemBytes * layout.steps() * environments);
}

}  // namespace

InsertService::InsertService(const Admission* admission, const StreamLimits& limits,
                             std::function<void(StreamId)> woken)
    : admission_(admission), limits_(limits), woken_(std::move(woken)) {}

InsertService::~InsertService() {
  MutexLock lock(&mutex_);
  DROVER_CHECK(writers_.empty());
}

void InsertService::Open(Store* store, uint64_t spec_hash) {
  MutexLock lock(&mutex_);
  DROVER_CHECK(store_ == nullptr);
  store_ = store;
  spec_hash_ = spec_hash;
  validator_.emplace(store->layout(), /*actions=*/0);
  open_ = true;
}

// ---- What gRPC reports.

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* InsertService::Accept(
    grpc::CallbackServerContext* context) {
  MutexLock lock(&mutex_);
  const StreamId id = next_id_++;
  auto* stream = new PeerStream(this, id, context, limits_);
  Writer& writer = writers_[id];
  writer.stream = stream;
  if (open_) {
    Read(&writer);
  } else {
    stream->Close({grpc::StatusCode::UNAVAILABLE, "replay is not ready"});
  }
  return stream;
}

void InsertService::OnMessage(PeerStream* stream, grpc::ByteBuffer* message) {
  Done(stream->id(), Handle(stream->id(), message));
}

void InsertService::OnWritable(PeerStream* stream) {
  MutexLock lock(&mutex_);
  Flush(Find(stream->id()));
}

void InsertService::OnPeerFinished(PeerStream* stream) {
  MutexLock lock(&mutex_);
  End(Find(stream->id()), absl::OkStatus());
}

void InsertService::OnGone(PeerStream* stream) {
  MutexLock lock(&mutex_);
  End(Find(stream->id()), absl::OkStatus());
  writers_.erase(stream->id());
}

// ---- What writers say.

// A message is dealt with, or waits: goes on with the next.
void InsertService::Done(StreamId id, const absl::Status& status) {
  MutexLock lock(&mutex_);
  Writer* writer = Find(id);
  if (writer == nullptr) return;
  if (!status.ok()) Refuse(writer, status);
  if (writer->pending != nullptr) return;  // Retry comes back
  writer->reading = false;
  Read(writer);
}

absl::Status InsertService::Handle(StreamId id, grpc::ByteBuffer* bytes) {
  bool greeted;
  size_t limit = kMaxHelloBytes;
  {
    MutexLock lock(&mutex_);
    const Writer* writer = Find(id);
    greeted = writer->peer.has_value();
    if (greeted) limit = writer->max_message_bytes;
  }
  if (bytes->Length() > limit) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a message of ", bytes->Length(), " bytes; at most ", limit, " fit the spec"));
  }
  InsertMessage message;
  if (!DecodeMessage(bytes, &message)) {
    return absl::InvalidArgumentError("bytes that are no InsertMessage");
  }
  if (message.has_hello() == greeted) {
    return absl::InvalidArgumentError(greeted ? "a second Hello" : "it began with no Hello");
  }
  switch (message.message_case()) {
    case InsertMessage::kHello:
      return HandleHello(id, message.hello());
    case InsertMessage::kInsert:
      return HandleInsert(id, message.mutable_insert());
    case InsertMessage::kHeartbeat:
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError("an empty InsertMessage");
  }
}

absl::Status InsertService::HandleHello(StreamId id, const ReplayHello& hello) {
  if (hello.spec_hash() != spec_hash_) {
    return absl::FailedPreconditionError("another spec or protocol version than this run's");
  }
  if (hello.environments() == 0 || hello.environments() > kMaxEnvironments) {
    return absl::InvalidArgumentError(
        absl::StrCat(hello.environments(), " environments; a writer has 1 to ", kMaxEnvironments));
  }
  MutexLock lock(&mutex_);
  Writer* writer = Find(id);
  writer->environments = hello.environments();
  writer->max_message_bytes = MaxMessageBytes(*store_, hello.environments());
  writer->peer =
      Peer{hello.run_id(), hello.member_id(), hello.epoch(), hello.table_version(), Clock::now()};
  Judge(writer, Clock::now());
  return absl::OkStatus();
}

absl::Status InsertService::HandleInsert(StreamId id, InsertRequest* request) {
  const Unrolls& unrolls = request->unrolls();
  if (unrolls.sequence() == 0) return absl::InvalidArgumentError("sequence 0: it starts at 1");
  Peer peer;
  auto pending = std::make_shared<Pending>();
  {
    MutexLock lock(&mutex_);
    const Writer* writer = Find(id);
    if (!writer->peer->admitted) return absl::OkStatus();  // its stream was ended meanwhile
    peer = *writer->peer;
    pending->insertion.environments = writer->environments;
  }
  DROVER_RETURN_IF_ERROR(validator_->CheckForm(unrolls, pending->insertion.environments,
                                               std::numeric_limits<uint64_t>::max()));
  if (const absl::Status finite = validator_->CheckFinite(unrolls); !finite.ok()) {
    store_->Reject(peer.member_id, peer.epoch, unrolls.sequence());
    MutexLock lock(&mutex_);
    Writer* writer = Find(id);
    writer->outbox.Reject(unrolls.sequence(), std::string(finite.message()));
    Flush(writer);
    return absl::OkStatus();
  }
  pending->request.Swap(request);
  pending->insertion.member = peer.member_id;
  pending->insertion.epoch = peer.epoch;
  DROVER_RETURN_IF_ERROR(Point(&pending->request, &pending->insertion));
  return TryStore(id, pending);
}

// `insertion` refers to what `request` holds.
absl::Status InsertService::Point(InsertRequest* request, Insertion* insertion) const {
  for (const TableItems& items : request->items()) {
    NewItems& added = insertion->items.emplace_back();
    DROVER_ASSIGN_OR_RETURN(added.table, store_->FindTable(items.table()));
    added.environments = items.environments();
    added.first_steps = items.first_steps();
    added.priorities = items.priorities();
  }
  insertion->unrolls = absl::WrapUnique(request->release_unrolls());
  return absl::OkStatus();
}

absl::Status InsertService::TryStore(StreamId id, const std::shared_ptr<Pending>& pending) {
  const uint64_t sequence = pending->insertion.unrolls->sequence();
  {
    MutexLock lock(&mutex_);
    Writer* writer = Find(id);
    if (writer == nullptr || !writer->peer->admitted) return absl::OkStatus();
    writer->pending = pending;
  }
  while (true) {
    const absl::StatusOr<Store::Verdict> verdict = store_->Insert(
        &pending->insertion, [this, id] { woken_(id); }, &pending->ticket);
    MutexLock lock(&mutex_);
    Writer* writer = Find(id);
    const bool waiting = verdict.ok() && *verdict == Store::Verdict::kWaiting;
    const bool lives = writer != nullptr && writer->pending == pending;  // else End() was first
    if (waiting && lives) {
      if (std::exchange(pending->woken, false)) continue;
      pending->parked = true;
      return absl::OkStatus();
    }
    if (waiting) store_->CancelInsert(pending->ticket);
    if (!lives) return absl::OkStatus();
    writer->pending.reset();
    if (!verdict.ok()) return verdict.status();
    if (*verdict == Store::Verdict::kLate) {
      Drain(writer);
    } else {
      writer->outbox.Acknowledge(sequence, store_->frames());
      if (store_->budget_spent()) Drain(writer);
    }
    Flush(writer);
    return absl::OkStatus();
  }
}

void InsertService::Retry(StreamId id) {
  std::shared_ptr<Pending> pending;
  {
    MutexLock lock(&mutex_);
    const Writer* writer = Find(id);
    if (writer == nullptr || writer->pending == nullptr) return;
    pending = writer->pending;
    if (!std::exchange(pending->parked, false)) {
      pending->woken = true;  // the thread that is about to park it goes on
      return;
    }
  }
  Done(id, TryStore(id, pending));
}

// ---- Who may speak.

void InsertService::Judge(Writer* writer, Clock::time_point now) {
  if (writer->stream->closed()) return;
  const Admission::Decision decision = admission_->Decide(*writer->peer, now);
  if (decision.ruling == Admission::Ruling::kAdmit) {
    Admit(writer);
  } else if (decision.ruling == Admission::Ruling::kClose) {
    if (!writer->peer->admitted) return Refuse(writer, decision.status);
    End(writer, decision.status);  // fenced or gone meanwhile: nothing that it sent
  }
}

void InsertService::Admit(Writer* writer) {
  for (auto& [id, other] : writers_) {
    if (other.peer && other.peer->admitted && other.peer->member_id == writer->peer->member_id) {
      End(&other, absl::AbortedError("a newer stream of the same member"));
    }
  }
  writer->peer->admitted = true;
  const Greeting greeting = store_->Greet(writer->peer->member_id, writer->peer->epoch);
  writer->outbox.Welcome(greeting.last_sequence, greeting.frames);
  if (store_->budget_spent()) Drain(writer);
  Flush(writer);
  Read(writer);
}

void InsertService::Refuse(Writer* writer, const absl::Status& status) {
  if (writer->stream->closed()) return;
  ++refused_streams_;
  spdlog::warn("refused what member {} inserts: {}", writer->peer ? writer->peer->member_id : 0,
               status.ToString());
  End(writer, status);
}

void InsertService::End(Writer* writer, const absl::Status& status) {
  writer->stream->Close(ToGrpcStatus(status));
  if (writer->peer) writer->peer->admitted = false;
  if (writer->pending == nullptr) return;
  if (writer->pending->parked) store_->CancelInsert(writer->pending->ticket);
  writer->pending.reset();
}

void InsertService::Tick(Clock::time_point now) {
  MutexLock lock(&mutex_);
  for (auto& [id, writer] : writers_) {
    if (writer.stream->closed()) {
      writer.stream->Tick(now);
      continue;
    }
    if (writer.peer) Judge(&writer, now);
    if (writer.pending != nullptr) writer.stream->Touch();  // who is not read cannot be heard
    switch (writer.stream->Tick(now)) {
      case PeerStream::Due::kNothing:
        break;
      case PeerStream::Due::kHeartbeat:
        writer.outbox.Heartbeat();
        Flush(&writer);
        break;
      case PeerStream::Due::kClose:
        End(&writer, absl::DeadlineExceededError("nothing was heard, not even a heartbeat"));
    }
  }
}

void InsertService::Close() {
  MutexLock lock(&mutex_);
  open_ = false;
  for (auto& [id, writer] : writers_) End(&writer, absl::UnavailableError("replay ends"));
}

// ---- Messages.

// Waiting writers are not read, nor those who have yet to hear of a rejection.
void InsertService::Read(Writer* writer) {
  if (writer->reading || writer->outbox.rejecting()) return;
  if (writer->peer && !writer->peer->admitted) return;
  writer->reading = true;
  writer->stream->ReadNext();
}

void InsertService::Drain(Writer* writer) {
  if (!std::exchange(writer->drained, true)) writer->outbox.Drain();
}

void InsertService::Flush(Writer* writer) {
  const std::optional<InsertAnswer> answer = writer->outbox.Next();
  if (!answer || !writer->stream->Write(EncodeMessage(*answer))) return;  // OnWritable comes back
  writer->outbox.Sent();
  Read(writer);
}

InsertService::Counters InsertService::counters() const {
  MutexLock lock(&mutex_);
  Counters counters{refused_streams_, 0};
  for (const auto& [id, writer] : writers_) {
    counters.writers += writer.peer && writer.peer->admitted ? 1 : 0;
  }
  return counters;
}

InsertService::Writer* InsertService::Find(StreamId id) {
  const auto found = writers_.find(id);
  return found == writers_.end() ? nullptr : &found->second;
}

}  // namespace drover
