#include "replay/sample_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/clock.h"
#include "common/rpc/limits.h"
#include "common/rpc/wire.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr size_t kMaxRequestBytes = 4096;
constexpr uint32_t kMostBatches = 1024;
constexpr size_t kMostEpisodes = 1024;      // told at once
constexpr size_t kMaxRestBytes = 64 << 10;  // of what a batch says beside its items

bool IsReady(const TableStatus& table) {
  return table.size >= std::max<uint64_t>(1, table.limit.min_size);
}

}  // namespace

void SampleService::Open(Store* store, uint64_t spec_hash) {
  DROVER_CHECK(store_ == nullptr);
  store_ = store;
  for (size_t i = 0; i < store->tables(); ++i) {
    encoders_.emplace_back(&store->layout(), store->table(i).options().steps);
  }
  ReplayStreams::Open(spec_hash);
}

// ---- What learners say.

std::optional<absl::Status> SampleService::Handle(StreamId id, grpc::ByteBuffer* bytes) {
  if (bytes->Length() > kMaxRequestBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a request of ", bytes->Length(), " bytes; at most ", kMaxRequestBytes, " are taken"));
  }
  SampleMessage message;
  if (!DecodeMessage(bytes, &message)) {
    return absl::InvalidArgumentError("bytes that are no SampleMessage");
  }
  const bool greeted = IsGreeted(id);
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
  {
    MutexLock lock(&mutex_);
    Sampler* sampler = FindSampler(id);
    sampler->episodes = std::min(hello.episodes(), store_->episodes().end());
    sampler->told_ready.resize(store_->tables());
    sampler->batch =
        std::make_shared<SampledBatch>(static_cast<uint32_t>(store_->layout().steps()));
  }
  return Greet(id, hello);
}

absl::Status SampleService::HandleRequest(StreamId id, const SampleRequest& request) {
  DROVER_ASSIGN_OR_RETURN(const size_t table, Named(store_->FindTable(request.table())));
  DROVER_RETURN_IF_ERROR(store_->table(table).CheckBatch(request.batch()));
  if (request.batches() == 0) return absl::InvalidArgumentError("a request for 0 batches");
  const size_t bytes = encoders_[table].MaxBytes(request.batch()) + kMaxRestBytes;
  if (bytes > kMaxMessageBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a batch of ", request.batch(), " items may take ", bytes,
                     " bytes; a message has at most ", kMaxMessageBytes));
  }
  MutexLock lock(&mutex_);
  Sampler* sampler = FindSampler(id);
  if (request.batches() > kMostBatches - sampler->batches) {
    return absl::ResourceExhaustedError(
        absl::StrCat("more than ", kMostBatches, " batches outstanding"));
  }
  sampler->batches += request.batches();
  sampler->requests.push_back({table, request.batch(), request.batches(), request.tag()});
  return absl::OkStatus();
}

// ---- Drawing.

void SampleService::Settled(StreamId id) {
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
  Sampler* sampler = FindSampler(id);
  if (sampler == nullptr || !sampler->admitted()) return std::nullopt;
  if (sampler->drawing || sampler->writing || sampler->answer) return std::nullopt;
  if (sampler->requests.empty()) return std::nullopt;
  sampler->drawing = true;
  if (sampler->drawing_since == 0) sampler->drawing_since = MonotonicSeconds();
  *batch = sampler->batch;
  return sampler->requests.front();
}

bool SampleService::Park(StreamId id, const Request& request, WaitList::Ticket ticket) {
  MutexLock lock(&mutex_);
  Sampler* sampler = FindSampler(id);
  if (sampler == nullptr || !sampler->admitted()) {
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
    Sampler* sampler = FindSampler(id);
    if (sampler == nullptr) return;
    if (!std::exchange(sampler->parked, false)) {
      sampler->woken = sampler->drawing;  // the thread that is about to park it goes on
      return;
    }
    sampler->drawing = false;
  }
  Settled(id);
}

void SampleService::Answer(StreamId id, const Request& request, SampledBatch* batch) {
  SampleBatch rest;
  rest.mutable_table()->set_size(batch->table_size);
  rest.mutable_table()->set_mass(batch->table_mass);
  rest.mutable_table()->set_ready(true);
  rest.set_tag(request.tag);
  {
    MutexLock lock(&mutex_);
    Sampler* sampler = FindSampler(id);
    if (sampler == nullptr) return batch->Clear();
    *rest.mutable_progress() = Progress(sampler);
  }
  grpc::ByteBuffer answer = encoders_[request.table].Encode(*batch, std::move(rest));
  batch->Clear();
  MutexLock lock(&mutex_);
  Sampler* sampler = FindSampler(id);
  if (sampler == nullptr) return;
  sampler->drawing = false;
  seconds_.Observe(MonotonicSeconds() - std::exchange(sampler->drawing_since, 0));
  sampler->answer = std::move(answer);
  --sampler->batches;
  if (--sampler->requests.front().batches == 0) sampler->requests.pop_front();
  Flush(sampler);
}

// ---- The stream.

void SampleService::Greeted(Stream* stream) {
  Cast(stream)->welcome = true;
  Flush(Cast(stream));
}

void SampleService::Ended(Stream* stream) {
  Sampler* sampler = Cast(stream);
  sampler->answer.reset();
  if (std::exchange(sampler->parked, false)) {
    store_->table(sampler->requests.front().table).CancelSample(sampler->ticket);
  }
}

void SampleService::Ticked(Stream* stream, bool heartbeat) {
  Sampler* sampler = Cast(stream);
  if (!sampler->admitted()) return;
  bool news = heartbeat || sampler->told_frames != store_->frames() ||
              sampler->told_drained != store_->budget_spent();
  for (size_t i = 0; i < store_->tables(); ++i) {
    news |= sampler->told_ready[i] != IsReady(store_->table(i).status());
  }
  if (!news) return;
  sampler->progress = true;
  Flush(sampler);
}

void SampleService::Written(Stream* stream) {
  Cast(stream)->writing = false;
  Flush(Cast(stream));
}

void SampleService::Flush(Sampler* sampler) {
  if (sampler->writing || sampler->wire->closed()) return;  // Written() comes back
  grpc::ByteBuffer bytes;
  if (std::exchange(sampler->welcome, false)) {
    SampleAnswer answer;
    SampleWelcome* welcome = answer.mutable_welcome();
    welcome->set_shard(store_->shard());
    welcome->set_life(store_->life());
    welcome->set_first_frames(store_->first_frames());
    *welcome->mutable_progress() = ProgressOfTables(sampler);
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
  sampler->writing = sampler->wire->Write(bytes);
}

ReplayProgress SampleService::Progress(Sampler* sampler) {
  ReplayProgress progress;
  sampler->told_frames = store_->frames();
  progress.set_frames(sampler->told_frames);
  sampler->told_drained = store_->budget_spent();
  progress.set_drained(sampler->told_drained);
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
    sampler->told_ready[i] = IsReady(status);
    state->set_ready(sampler->told_ready[i]);
  }
  return progress;
}

}  // namespace drover
