#include "replay/insert_service.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/rpc/limits.h"
#include "common/rpc/wire.h"
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

void InsertService::Open(Store* store, uint64_t spec_hash) {
  DROVER_CHECK(store_ == nullptr);
  store_ = store;
  validator_.emplace(store->layout(), /*actions=*/0);
  ReplayStreams::Open(spec_hash);
}

// ---- What writers say.

std::optional<absl::Status> InsertService::Handle(StreamId id, grpc::ByteBuffer* bytes) {
  const bool greeted = IsGreeted(id);
  size_t limit = kMaxHelloBytes;
  if (greeted) {
    MutexLock lock(&mutex_);
    limit = FindWriter(id)->max_message_bytes;
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
  if (hello.environments() == 0 || hello.environments() > kMaxEnvironments) {
    return absl::InvalidArgumentError(
        absl::StrCat(hello.environments(), " environments; a writer has 1 to ", kMaxEnvironments));
  }
  {
    MutexLock lock(&mutex_);
    Writer* writer = FindWriter(id);
    writer->environments = hello.environments();
    writer->max_message_bytes = MaxMessageBytes(*store_, hello.environments());
  }
  return Greet(id, hello);
}

std::optional<absl::Status> InsertService::HandleInsert(StreamId id, InsertRequest* request) {
  const Unrolls& unrolls = request->unrolls();
  if (unrolls.sequence() == 0) return absl::InvalidArgumentError("sequence 0: it starts at 1");
  Peer peer;
  auto pending = std::make_shared<Pending>();
  {
    MutexLock lock(&mutex_);
    const Writer* writer = FindWriter(id);
    if (!writer->peer->admitted) return absl::OkStatus();  // its stream was ended meanwhile
    peer = *writer->peer;
    pending->insertion.environments = writer->environments;
  }
  DROVER_RETURN_IF_ERROR(validator_->CheckForm(unrolls, pending->insertion.environments,
                                               std::numeric_limits<uint64_t>::max()));
  if (const absl::Status finite = validator_->CheckFinite(unrolls); !finite.ok()) {
    store_->Reject(peer.member_id, peer.epoch, unrolls.sequence());
    MutexLock lock(&mutex_);
    Writer* writer = FindWriter(id);
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
    DROVER_ASSIGN_OR_RETURN(added.table, Named(store_->FindTable(items.table())));
    added.environments = items.environments();
    added.first_steps = items.first_steps();
    added.priorities = items.priorities();
  }
  insertion->unrolls = absl::WrapUnique(request->release_unrolls());
  return absl::OkStatus();
}

std::optional<absl::Status> InsertService::TryStore(StreamId id,
                                                    const std::shared_ptr<Pending>& pending) {
  const uint64_t sequence = pending->insertion.unrolls->sequence();
  {
    MutexLock lock(&mutex_);
    Writer* writer = FindWriter(id);
    if (writer == nullptr || !writer->peer->admitted) {
      store_->CancelInsert(pending->ticket);  // it went on its way from its place in the line
      return absl::OkStatus();
    }
    writer->pending = pending;
  }
  while (true) {
    const absl::StatusOr<Store::Verdict> verdict = store_->Insert(
        &pending->insertion, [this, id] { woken_(id); }, &pending->ticket);
    MutexLock lock(&mutex_);
    Writer* writer = FindWriter(id);
    const bool waiting = verdict.ok() && *verdict == Store::Verdict::kWaiting;
    const bool lives = writer != nullptr && writer->pending == pending;  // else End() was first
    if (waiting && lives) {
      if (std::exchange(pending->woken, false)) continue;
      pending->parked = true;
      return std::nullopt;
    }
    if (waiting) store_->CancelInsert(pending->ticket);
    if (!lives) return absl::OkStatus();
    writer->pending.reset();
    if (!verdict.ok()) return verdict.status();
    if (*verdict == Store::Verdict::kLate) {
      Drain(writer);
    } else {
      seconds_.Observe(MonotonicSeconds() - pending->received);
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
    const Writer* writer = FindWriter(id);
    if (writer == nullptr || writer->pending == nullptr) return;
    pending = writer->pending;
    if (!std::exchange(pending->parked, false)) {
      pending->woken = true;  // the thread that is about to park it goes on
      return;
    }
  }
  if (const std::optional<absl::Status> status = TryStore(id, pending)) Done(id, *status);
}

// ---- The stream.

void InsertService::Greeted(Stream* stream) {
  Writer* writer = Cast(stream);
  const uint64_t member = writer->peer->member_id;
  for (auto& [id, other] : streams_) {
    if (other.get() != stream && other->admitted() && other->peer->member_id == member) {
      End(other.get(), absl::AbortedError("a newer stream of the same member"));
    }
  }
  const Greeting greeting = store_->Greet(member, writer->peer->epoch);
  writer->outbox.Welcome(greeting.last_sequence, greeting.frames);
  if (store_->budget_spent()) Drain(writer);
  Flush(writer);
}

void InsertService::Ended(Stream* stream) {
  const std::shared_ptr<Pending> pending = std::exchange(Cast(stream)->pending, nullptr);
  if (pending != nullptr && pending->parked) store_->CancelInsert(pending->ticket);
}

void InsertService::Ticked(Stream* stream, bool heartbeat) {
  if (!heartbeat) return;
  Cast(stream)->outbox.Heartbeat();
  Flush(Cast(stream));
}

// Waiting writers are not read, nor those who have yet to hear of a rejection.
bool InsertService::MayRead(const Stream& stream) const {
  const auto& writer = static_cast<const Writer&>(stream);
  return writer.pending == nullptr && !writer.outbox.rejecting();
}

void InsertService::Drain(Writer* writer) {
  if (!std::exchange(writer->drained, true)) writer->outbox.Drain();
}

void InsertService::Flush(Writer* writer) {
  const std::optional<InsertAnswer> answer = writer->outbox.Next();
  if (!answer || !writer->wire->Write(EncodeMessage(*answer))) return;  // Written() comes back
  writer->outbox.Sent();
  Read(writer);
}

}  // namespace drover
