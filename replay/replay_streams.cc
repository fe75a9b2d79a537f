#include "replay/replay_streams.h"

#include <spdlog/spdlog.h>

#include "common/check.h"
#include "common/status_grpc.h"

namespace drover {

ReplayStreams::~ReplayStreams() {
  MutexLock lock(&mutex_);
  DROVER_CHECK(streams_.empty());
}

void ReplayStreams::Open(uint64_t spec_hash) {
  MutexLock lock(&mutex_);
  spec_hash_ = spec_hash;
  open_ = true;
}

// ---- What gRPC reports.

ReplayStreams::Reactor* ReplayStreams::Accept(grpc::CallbackServerContext* context) {
  MutexLock lock(&mutex_);
  const StreamId id = next_id_++;
  auto* wire = new PeerStream(this, id, context, limits_);
  std::unique_ptr<Stream>& stream = streams_[id] = NewStream();
  stream->wire = wire;
  if (open_) {
    Read(stream.get());
  } else {
    wire->Close({grpc::StatusCode::UNAVAILABLE, "replay is not ready"});
  }
  return wire;
}

void ReplayStreams::OnMessage(PeerStream* wire, grpc::ByteBuffer* message) {
  const StreamId id = wire->id();
  if (const std::optional<absl::Status> status = Handle(id, message)) Done(id, *status);
  Settled(id);
}

void ReplayStreams::OnWritable(PeerStream* wire) {
  const StreamId id = wire->id();
  {
    MutexLock lock(&mutex_);
    Written(Find(id));
  }
  Settled(id);
}

void ReplayStreams::OnPeerFinished(PeerStream* wire) {
  MutexLock lock(&mutex_);
  End(Find(wire->id()), absl::OkStatus());
}

void ReplayStreams::OnGone(PeerStream* wire) {
  MutexLock lock(&mutex_);
  End(Find(wire->id()), absl::OkStatus());
  streams_.erase(wire->id());
}

// ---- Reading.

void ReplayStreams::Done(StreamId id, const absl::Status& status) {
  MutexLock lock(&mutex_);
  Stream* stream = Find(id);
  if (stream == nullptr) return;
  if (!status.ok()) Refuse(stream, status);
  stream->reading = false;
  Read(stream);
}

// Who waits to be let in is not read.
void ReplayStreams::Read(Stream* stream) {
  if (stream->reading || (stream->peer && !stream->peer->admitted) || !MayRead(*stream)) return;
  stream->reading = true;
  stream->wire->ReadNext();
}

// ---- Who may speak.

absl::Status ReplayStreams::Greet(StreamId id, const ReplayHello& hello) {
  if (hello.spec_hash() != spec_hash_) {
    return absl::FailedPreconditionError("another spec or protocol version than this run's");
  }
  MutexLock lock(&mutex_);
  Stream* stream = Find(id);
  stream->peer =
      Peer{hello.run_id(), hello.member_id(), hello.epoch(), hello.table_version(), Clock::now()};
  Judge(stream, Clock::now());
  return absl::OkStatus();
}

absl::StatusOr<size_t> ReplayStreams::Named(absl::StatusOr<size_t> table) {
  if (table.ok()) return table;
  return absl::InvalidArgumentError(table.status().message());
}

bool ReplayStreams::IsGreeted(StreamId id) const {
  MutexLock lock(&mutex_);
  return Find(id)->peer.has_value();
}

void ReplayStreams::Judge(Stream* stream, Clock::time_point now) {
  if (stream->wire->closed()) return;
  const Admission::Decision decision = admission_->Decide(*stream->peer, now);
  if (decision.ruling == Admission::Ruling::kAdmit) {
    stream->peer->admitted = true;
    Greeted(stream);
    Read(stream);
  } else if (decision.ruling == Admission::Ruling::kClose) {
    if (!stream->admitted()) return Refuse(stream, decision.status);
    End(stream,
        decision.status);  // fenced or gone meanwhile: nothing that it sent
  }
}

void ReplayStreams::Refuse(Stream* stream, const absl::Status& status) {
  if (stream->wire->closed()) return;
  ++refused_streams_;
  spdlog::warn("refused what member {} {}: {}", stream->peer ? stream->peer->member_id : 0, what_,
               status.ToString());
  End(stream, status);
}

void ReplayStreams::End(Stream* stream, const absl::Status& status) {
  stream->wire->Close(ToGrpcStatus(status));
  if (stream->peer) stream->peer->admitted = false;
  Ended(stream);
}

void ReplayStreams::Tick(Clock::time_point now) {
  MutexLock lock(&mutex_);
  for (auto& [id, stream] : streams_) {
    if (stream->wire->closed()) {
      stream->wire->Tick(now);
      continue;
    }
    if (stream->peer) Judge(stream.get(), now);
    if (!MayRead(*stream)) stream->wire->Touch();  // who is not read cannot be heard
    const PeerStream::Due due = stream->wire->Tick(now);
    if (due == PeerStream::Due::kClose) {
      End(stream.get(), absl::DeadlineExceededError("nothing was heard, not even a heartbeat"));
    } else {
      Ticked(stream.get(), due == PeerStream::Due::kHeartbeat);
    }
  }
}

void ReplayStreams::Close() {
  MutexLock lock(&mutex_);
  open_ = false;
  for (auto& [id, stream] : streams_) End(stream.get(), absl::UnavailableError("replay ends"));
}

ReplayStreams::Counters ReplayStreams::counters() const {
  MutexLock lock(&mutex_);
  Counters counters{refused_streams_, 0};
  for (const auto& [id, stream] : streams_) counters.admitted += stream->admitted() ? 1 : 0;
  return counters;
}

ReplayStreams::Stream* ReplayStreams::Find(StreamId id) const {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

}  // namespace drover
