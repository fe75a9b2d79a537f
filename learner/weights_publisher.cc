#include "learner/weights_publisher.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/check.h"
#include "common/crc32c.h"
#include "common/rpc/wire.h"
#include "common/status_grpc.h"

namespace drover {
namespace {

constexpr size_t kMaxRequestBytes = 4096;
constexpr size_t kChunkBytes = size_t{1} << 20;

std::vector<grpc::ByteBuffer> EncodeChunks(const WeightsHeader& header,
                                           absl::string_view parameters) {
  std::vector<grpc::ByteBuffer> chunks;
  size_t offset = 0;
  do {  // once also for no parameters at all
    WeightsChunk chunk;
    if (offset == 0) *chunk.mutable_header() = header;
    chunk.set_offset(offset);
    const absl::string_view data = parameters.substr(offset, kChunkBytes);
    chunk.set_data(data.data(), data.size());
    chunks.push_back(EncodeMessage(chunk));
    offset += data.size();
  } while (offset < parameters.size());
  return chunks;
}

}  // namespace

struct WeightsPublisher::Encoding {
  uint64_t version;
  std::vector<grpc::ByteBuffer> chunks;  // each a WeightsChunk; the bytes are shared by all streams
};

WeightsPublisher::WeightsPublisher(const Admission* admission, StreamLimits limits)
    : admission_(admission), limits_(limits) {}

WeightsPublisher::~WeightsPublisher() {
  MutexLock lock(&mutex_);
  DROVER_CHECK(subscribers_.empty());
}

void WeightsPublisher::Open(uint64_t layout_hash) {
  MutexLock lock(&mutex_);
  layout_hash_ = layout_hash;
  open_ = true;
}

// ---- What the learner says.

bool WeightsPublisher::Wanted() const {
  MutexLock lock(&mutex_);
  return std::any_of(subscribers_.begin(), subscribers_.end(),
                     [this](const auto& entry)
                         DROVER_NO_THREAD_SAFETY_ANALYSIS { return Waits(entry.second); });
}

void WeightsPublisher::Publish(const Version& version, absl::string_view parameters) {
  WeightsHeader header;
  {
    MutexLock lock(&mutex_);
    if (newest_ && version.version <= newest_->version) return;
    header.set_layout_hash(layout_hash_);
  }
  header.set_version(version.version);
  header.set_frames(version.frames);
  header.set_trained_frames(version.trained_frames);
  header.set_total_bytes(parameters.size());
  header.set_crc32c(Crc32c(parameters));
  auto encoding =
      std::make_shared<const Encoding>(Encoding{version.version, EncodeChunks(header, parameters)});
  MutexLock lock(&mutex_);
  ++counters_.encodings;
  newest_ = std::move(encoding);
  for (auto& [id, subscriber] : subscribers_) Flush(&subscriber);
}

// ---- What gRPC reports.

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* WeightsPublisher::Subscribe(
    grpc::CallbackServerContext* context) {
  MutexLock lock(&mutex_);
  const StreamId id = next_id_++;
  auto* stream = new PeerStream(this, id, context, limits_);
  Subscriber& subscriber = subscribers_[id];
  subscriber.stream = stream;
  if (open_) {
    Read(&subscriber);
  } else {
    stream->Close({grpc::StatusCode::UNAVAILABLE, "the learner is not ready"});
  }
  return stream;
}

void WeightsPublisher::OnMessage(PeerStream* stream, grpc::ByteBuffer* message) {
  const size_t size = message->Length();
  WeightsRequest request;
  absl::Status status;
  if (size > kMaxRequestBytes) {
    status = absl::ResourceExhaustedError("a request of more than 4096 bytes");
  } else if (!DecodeMessage(message, &request)) {
    status = absl::InvalidArgumentError("bytes that are no WeightsRequest");
  }
  MutexLock lock(&mutex_);
  Subscriber* subscriber = Find(stream->id());
  subscriber->reading = false;
  if (status.ok()) status = Handle(subscriber, request);
  if (!status.ok()) Refuse(subscriber, status);
  Read(subscriber);
}

void WeightsPublisher::OnWritable(PeerStream* stream) {
  MutexLock lock(&mutex_);
  Flush(Find(stream->id()));
}

void WeightsPublisher::OnPeerFinished(PeerStream* stream) {
  MutexLock lock(&mutex_);
  End(Find(stream->id()), absl::OkStatus());
}

void WeightsPublisher::OnGone(PeerStream* stream) {
  MutexLock lock(&mutex_);
  subscribers_.erase(stream->id());
}

// ---- What subscribers say.

absl::Status WeightsPublisher::Handle(Subscriber* subscriber, const WeightsRequest& request) {
  if (request.has_newer_than()) subscriber->newer_than = request.newer_than();
  if (subscriber->peer) {
    Flush(subscriber);
    return absl::OkStatus();
  }
  if (request.layout_hash() != 0 && request.layout_hash() != layout_hash_) {
    return absl::FailedPreconditionError("other parameters than those of this run's model");
  }
  subscriber->peer = Peer{request.run_id(), request.member_id(), request.epoch(),
                          request.table_version(), Clock::now()};
  Judge(subscriber, Clock::now());
  return absl::OkStatus();
}

void WeightsPublisher::Judge(Subscriber* subscriber, Clock::time_point now) {
  if (subscriber->stream->closed()) return;
  const Admission::Decision decision = admission_->Decide(*subscriber->peer, now);
  if (decision.ruling == Admission::Ruling::kAdmit) {
    Admit(subscriber);
  } else if (decision.ruling == Admission::Ruling::kClose) {
    if (!subscriber->peer->admitted) return Refuse(subscriber, decision.status);
    End(subscriber, decision.status);  // fenced or gone meanwhile: nothing that it sent
  }
}

void WeightsPublisher::Admit(Subscriber* subscriber) {
  for (auto& [id, other] : subscribers_) {
    if (other.peer && other.peer->admitted &&
        other.peer->member_id == subscriber->peer->member_id) {
      End(&other, absl::AbortedError("a newer stream of the same member"));
    }
  }
  subscriber->peer->admitted = true;
  Flush(subscriber);
  Read(subscriber);
}

void WeightsPublisher::Refuse(Subscriber* subscriber, const absl::Status& status) {
  if (subscriber->stream->closed()) return;
  ++counters_.refused_streams;
  spdlog::warn("refused weights to member {}: {}",
               subscriber->peer ? subscriber->peer->member_id : 0, status.ToString());
  End(subscriber, status);
}

void WeightsPublisher::End(Subscriber* subscriber, const absl::Status& status) {
  subscriber->stream->Close(ToGrpcStatus(status));
  if (subscriber->peer) subscriber->peer->admitted = false;
}

void WeightsPublisher::Tick(Clock::time_point now) {
  MutexLock lock(&mutex_);
  for (auto& [id, subscriber] : subscribers_) {
    if (subscriber.peer) Judge(&subscriber, now);
    switch (subscriber.stream->Tick(now)) {
      case PeerStream::Due::kNothing:
        break;
      case PeerStream::Due::kHeartbeat:
        subscriber.heartbeat_due = true;
        Flush(&subscriber);
        break;
      case PeerStream::Due::kClose:
        End(&subscriber, absl::DeadlineExceededError("nothing was heard, not even a heartbeat"));
    }
  }
}

void WeightsPublisher::Close() {
  MutexLock lock(&mutex_);
  for (auto& [id, subscriber] : subscribers_) {
    End(&subscriber, absl::UnavailableError("the learner ends"));
  }
}

// ---- Sending.

bool WeightsPublisher::Waits(const Subscriber& subscriber) const {
  return subscriber.peer && subscriber.peer->admitted && subscriber.newer_than &&
         (!newest_ || newest_->version <= *subscriber.newer_than);
}

// Those who wait to be admitted are not read.
void WeightsPublisher::Read(Subscriber* subscriber) {
  if (subscriber->reading || (subscriber->peer && !subscriber->peer->admitted)) return;
  subscriber->reading = true;
  subscriber->stream->ReadNext();
}

// Sends the next chunk, if the stream is free; OnWritable sends the one after it.
void WeightsPublisher::Flush(Subscriber* subscriber) {
  if (!subscriber->peer || !subscriber->peer->admitted) return;
  const bool serve = !subscriber->sending && subscriber->newer_than && newest_ &&
                     newest_->version > *subscriber->newer_than;
  if (serve) {
    subscriber->sending = newest_;
    subscriber->next_chunk = 0;
    subscriber->newer_than.reset();
  }
  if (subscriber->sending) {
    const auto& chunks = subscriber->sending->chunks;
    if (!subscriber->stream->Write(chunks[subscriber->next_chunk])) return;
    subscriber->heartbeat_due = false;
    if (++subscriber->next_chunk < chunks.size()) return;
    subscriber->sending.reset();
    ++counters_.sent;
  } else if (subscriber->heartbeat_due) {
    if (subscriber->stream->Write(EncodeMessage(WeightsChunk()))) subscriber->heartbeat_due = false;
  }
}

WeightsCounters WeightsPublisher::counters() const {
  MutexLock lock(&mutex_);
  WeightsCounters counters = counters_;
  for (const auto& [id, subscriber] : subscribers_) {
    counters.streams += subscriber.peer && subscriber.peer->admitted ? 1 : 0;
    counters.waiting += Waits(subscriber) ? 1 : 0;
  }
  return counters;
}

WeightsPublisher::Subscriber* WeightsPublisher::Find(StreamId id) {
  const auto found = subscribers_.find(id);
  DROVER_CHECK(found != subscribers_.end());
  return &found->second;
}

}  // namespace drover
