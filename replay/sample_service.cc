#include "replay/sample_service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/rpc/limits.h"
#include "common/rpc/wire.h"
#include "common/status_grpc.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr size_t kMaxRequestBytes = 4096;
constexpr uint32_t kMostBatches = 1024;
constexpr size_t kMostEpisodes = 1024;      // told at once
constexpr size_t kMaxRestBytes = 64 << 10;  // of what a batch says beside its items

}  // namespace

SampleService::SampleService(const Admission* admission, const StreamLimits& limits,
                             std::function<void(StreamId)> woken)
    : admission_(admission), limits_(limits), woken_(std::move(woken)) {}

SampleService::~SampleService() {
  MutexLock lock(&mutex_);
  DROVER_CHECK(samplers_.empty());
}

void SampleService::Open(Store* store, uint64_t spec_hash) {
  MutexLock lock(&mutex_);
  DROVER_CHECK(store_ == nullptr);
  store_ = store;
  spec_hash_ = spec_hash;
  for (size_t i = 0; i < store->tables(); ++i) {
    encoders_.emplace_back(&store->layout(), store->table(i).options().steps);
  }
  open_ = true;
}

// ---- What gRPC reports.

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SampleService::Accept(
    grpc::CallbackServerContext* context) {
  MutexLock lock(&mutex_);
  const StreamId id = next_id_++;
  auto* stream = new PeerStream(this, id, context, limits_);
  Sampler& sampler = samplers_[id];
  sampler.stream = stream;
  if (open_) {
    sampler.batch = std::make_shared<SampledBatch>(static_cast<uint32_t>(store_->layout().steps()));
    Read(&sampler);
  } else {
    stream->Close({grpc::StatusCode::UNAVAILABLE, "replay is not ready"});
  }
  return stream;
}

void SampleService::OnMessage(PeerStream* stream, grpc::ByteBuffer* message) {
  const absl::Status status = Handle(stream->id(), message);
  {
    MutexLock lock(&mutex_);
    Sampler* sampler = Find(stream->id());
    sampler->reading = false;
    if (!status.ok()) Refuse(sampler, status);
    Read(sampler);
  }
  Pump(stream->id());
}

void SampleService::OnWritable(PeerStream* stream) {
  {
    MutexLock lock(&mutex_);
    Sampler* sampler = Find(stream->id());
    sampler->writing = false;
    Flush(sampler);
  }
  Pump(stream->id());
}

void SampleService::OnPeerFinished(PeerStream* stream) {
  MutexLock lock(&mutex_);
  End(Find(stream->id()), absl::OkStatus());
}

void SampleService::OnGone(PeerStream* stream) {
  MutexLock lock(&mutex_);
  End(Find(stream->id()), absl::OkStatus());
  samplers_.erase(stream->id());
}

// ---- What learners say.

absl::Status SampleService::Handle(StreamId id, grpc::ByteBuffer* bytes) {
  if (bytes->Length() > kMaxRequestBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a request of ", bytes->Length(), " bytes; at most ", kMaxRequestBytes, " are taken"));
  }
  SampleMessage message;
  if (!DecodeMessage(bytes, &message)) {
    return absl::InvalidArgumentError("bytes that are no SampleMessage");
  }
  bool greeted;
  {
    MutexLock lock(&mutex_);
    greeted = Find(id)->peer.has_value();
  }
  if (message.has_hello() == greeted) {
    return absl::InvalidArgumentError(greeted ? "a second Hello" : "it began with no Hello");
  }
  switch (message.message_case()) {
    case SampleMessage::kHello:
      return HandleHello(id, message.hello());
    case SampleMessage::kRequest:
      return HandleRequest(id, message.request());
    case SampleMessage::kHeartbeat:
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError("an empty SampleMessage");
  }
}

absl::Status SampleService::HandleHello(StreamId id, const ReplayHello& hello) {
  if (hello.spec_hash() != spec_hash_) {
    return absl::FailedPreconditionError("another spec or protocol version than this run's");
  }
  MutexLock lock(&mutex_);
  Sampler* sampler = Find(id);
  sampler->peer =
      Peer{hello.run_id(), hello.member_id(), hello.epoch(), hello.table_version(), Clock::now()};
  sampler->episodes = std::min(hello.episodes(), store_->episodes().end());
  Judge(sampler, Clock::now());
  return absl::OkStatus();
}

absl::Status SampleService::HandleRequest(StreamId id, const SampleRequest& request) {
  DROVER_ASSIGN_OR_RETURN(const size_t table, store_->FindTable(request.table()));
  DROVER_RETURN_IF_ERROR(store_->table(table).CheckBatch(request.batch()));
  if (request.batches() == 0) return absl::InvalidArgumentError("a request for 0 batches");
  const size_t bytes = encoders_[table].MaxBytes(request.batch()) + kMaxRestBytes;
  if (bytes > kMaxMessageBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a batch of ", request.batch(), " items may take ", bytes,
                     " bytes; a message has at most ", kMaxMessageBytes));
  }
  MutexLock lock(&mutex_);
  Sampler* sampler = Find(id);
  if (request.batches() > kMostBatches - sampler->batches) {
    return absl::ResourceExhaustedError(
        absl::StrCat("more than ", kMostBatches, " batches outstanding"));
  }
  sampler->batches += request.batches();
  sampler->requests.push_back({table, request.batch(), request.batches(), request.tag()});
  return absl::OkStatus();
}

// ---- Drawing.

void SampleService::Pump(StreamId id) {
  std::shared_ptr<SampledBatch> batch;
  while (const std::optional<Request> request = Begin(id, &batch)) {
    const WaitList::Ticket ticket =
        store_->table(request->table).Sample(request->items, batch.get(), [this, id] {
          woken_(id);
        });
    if (ticket == 0) {
      Answer(id, *request, batch.get());
    } else if (!Park(id, *request, ticket)) {
      return;
    }
  }
}

std::optional<SampleService::Request> SampleService::Begin(StreamId id,
                                                           std::shared_ptr<SampledBatch>* batch) {
  MutexLock lock(&mutex_);
  Sampler* sampler = Find(id);
  if (sampler == nullptr || !sampler->peer || !sampler->peer->admitted) return std::nullopt;
  if (sampler->drawing || sampler->writing || sampler->answer) return std::nullopt;
  if (sampler->requests.empty()) return std::nullopt;
  sampler->drawing = true;
  *batch = sampler->batch;
  return sampler->requests.front();
}

bool SampleService::Park(StreamId id, const Request& request, WaitList::Ticket ticket) {
  MutexLock lock(&mutex_);
  Sampler* sampler = Find(id);
  if (sampler == nullptr || !sampler->peer->admitted) {
    store_->table(request.table).CancelSample(ticket);
    return false;
  }
  if (std::exchange(sampler->woken, false)) {
    sampler->drawing = false;
    return true;
  }
  sampler->ticket = ticket;
  sampler->parked = true;
  return false;
}

void SampleService::Retry(StreamId id) {
  {
    MutexLock lock(&mutex_);
    Sampler* sampler = Find(id);
    if (sampler == nullptr) return;
    if (!std::exchange(sampler->parked, false)) {
      sampler->woken = sampler->drawing;  // the thread that is about to park it goes on
      return;
    }
    sampler->drawing = false;
  }
  Pump(id);
}

void SampleService::Answer(StreamId id, const Request& request, SampledBatch* batch) {
  SampleBatch rest;
  rest.mutable_table()->set_size(batch->table_size);
  rest.mutable_table()->set_mass(batch->table_mass);
  rest.mutable_table()->set_ready(true);
  rest.set_tag(request.tag);
  {
    MutexLock lock(&mutex_);
    Sampler* sampler = Find(id);
    if (sampler == nullptr) return batch->Clear();
    *rest.mutable_progress() = Progress(sampler);
  }
  grpc::ByteBuffer answer = encoders_[request.table].Encode(*batch, std::move(rest));
  batch->Clear();
  MutexLock lock(&mutex_);
  Sampler* sampler = Find(id);
  if (sampler == nullptr) return;
  sampler->drawing = false;
  sampler->answer = std::move(answer);
  --sampler->batches;
  if (--sampler->requests.front().batches == 0) sampler->requests.pop_front();
  Flush(sampler);
}

// ---- Who may speak.

void SampleService::Judge(Sampler* sampler, Clock::time_point now) {
  if (sampler->stream->closed()) return;
  const Admission::Decision decision = admission_->Decide(*sampler->peer, now);
  if (decision.ruling == Admission::Ruling::kAdmit) {
    sampler->peer->admitted = true;
    sampler->welcome = true;
    Flush(sampler);
    Read(sampler);
  } else if (decision.ruling == Admission::Ruling::kClose) {
    if (!sampler->peer->admitted) return Refuse(sampler, decision.status);
    End(sampler, decision.status);  // fenced or gone meanwhile: nothing that it sent
  }
}

void SampleService::Refuse(Sampler* sampler, const absl::Status& status) {
  if (sampler->stream->closed()) return;
  ++refused_streams_;
  spdlog::warn("refused what member {} samples: {}", sampler->peer ? sampler->peer->member_id : 0,
               status.ToString());
  End(sampler, status);
}

void SampleService::End(Sampler* sampler, const absl::Status& status) {
  sampler->stream->Close(ToGrpcStatus(status));
  if (sampler->peer) sampler->peer->admitted = false;
  sampler->answer.reset();
  if (std::exchange(sampler->parked, false)) {
    store_->table(sampler->requests.front().table).CancelSample(sampler->ticket);
  }
}

void SampleService::Tick(Clock::time_point now) {
  MutexLock lock(&mutex_);
  for (auto& [id, sampler] : samplers_) {
    if (sampler.stream->closed()) {
      sampler.stream->Tick(now);
      continue;
    }
    if (sampler.peer) Judge(&sampler, now);
    const bool admitted = sampler.peer && sampler.peer->admitted;
    switch (sampler.stream->Tick(now)) {
      case PeerStream::Due::kNothing:
        if (!admitted || sampler.told_frames == store_->frames()) break;
        [[fallthrough]];
      case PeerStream::Due::kHeartbeat:
        sampler.progress = admitted;
        Flush(&sampler);
        break;
      case PeerStream::Due::kClose:
        End(&sampler, absl::DeadlineExceededError("nothing was heard, not even a heartbeat"));
    }
  }
}

void SampleService::Close() {
  MutexLock lock(&mutex_);
  open_ = false;
  for (auto& [id, sampler] : samplers_) End(&sampler, absl::UnavailableError("replay ends"));
}

// ---- Messages.

// Who waits to be admitted is not read.
void SampleService::Read(Sampler* sampler) {
  if (sampler->reading || (sampler->peer && !sampler->peer->admitted)) return;
  sampler->reading = true;
  sampler->stream->ReadNext();
}

void SampleService::Flush(Sampler* sampler) {
  if (sampler->writing || sampler->stream->closed()) return;  // OnWritable comes back
  grpc::ByteBuffer bytes;
  if (std::exchange(sampler->welcome, false)) {
    SampleAnswer answer;
    answer.mutable_welcome()->set_shard(store_->shard());
    *answer.mutable_welcome()->mutable_progress() = ProgressOfTables(sampler);
    bytes = EncodeMessage(answer);
  } else if (sampler->answer) {
    bytes.Swap(&*sampler->answer);
    sampler->answer.reset();
  } else if (std::exchange(sampler->progress, false)) {
    SampleAnswer answer;
    *answer.mutable_progress() = ProgressOfTables(sampler);
    bytes = EncodeMessage(answer);
  } else {
    return;
  }
  sampler->writing = sampler->stream->Write(bytes);
}

ReplayProgress SampleService::Progress(Sampler* sampler) {
  ReplayProgress progress;
  sampler->told_frames = store_->frames();
  progress.set_frames(sampler->told_frames);
  progress.set_drained(store_->budget_spent());
  std::vector<Episode> episodes;
  store_->episodes().Read(&sampler->episodes, kMostEpisodes, &episodes);
  progress.mutable_episodes()->Add(episodes.begin(), episodes.end());
  progress.set_episodes_total(sampler->episodes);
  return progress;
}

ReplayProgress SampleService::ProgressOfTables(Sampler* sampler) {
  ReplayProgress progress = Progress(sampler);
  for (size_t i = 0; i < store_->tables(); ++i) {
    const Table& table = store_->table(i);
    const TableStatus status = table.status();
    TableState* state = progress.add_tables();
    state->set_name(table.options().name);
    state->set_size(status.size);
    state->set_mass(status.mass);
    state->set_ready(status.size >= std::max<uint64_t>(1, status.limit.min_size));
  }
  return progress;
}

SampleService::Counters SampleService::counters() const {
  MutexLock lock(&mutex_);
  Counters counters{refused_streams_, 0};
  for (const auto& [id, sampler] : samplers_) {
    counters.samplers += sampler.peer && sampler.peer->admitted ? 1 : 0;
  }
  return counters;
}

SampleService::Sampler* SampleService::Find(StreamId id) {
  const auto found = samplers_.find(id);
  return found == samplers_.end() ? nullptr : &found->second;
}

}  // namespace drover
