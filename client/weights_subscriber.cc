#include "client/weights_subscriber.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/stream_status.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace drover {

WeightsSubscriber::WeightsSubscriber(Options options)
    : options_(std::move(options)),
      reconnector_(
          "weights stream", options_.publisher,
          [this](const Endpoint& server, const std::function<void()>& works) {
            return Serve(server, works);
          },
          [this](const absl::Status& status) {
            End(status);
            if (options_.on_over) options_.on_over(status);
          }) {}

WeightsSubscriber::~WeightsSubscriber() { Stop(); }

void WeightsSubscriber::Stop() {
  reconnector_.RequestStop();
  End(absl::CancelledError("the weights stream was stopped"));
  reconnector_.Stop();
}

void WeightsSubscriber::End(const absl::Status& status) {
  {
    MutexLock lock(&mutex_);
    if (status_.ok()) status_ = status;
    if (stream_ != nullptr) stream_->Cancel();
  }
  changed_.NotifyAll();
}

bool WeightsSubscriber::Take(WeightSet* set) {
  if (!fresh_.load(std::memory_order_acquire)) return false;
  MutexLock lock(&mutex_);
  std::swap(*set, newest_);
  // What came in exchange is a buffer; its version stays the highest that was held.
  newest_.header = set->header;
  fresh_.store(false, std::memory_order_relaxed);
  return true;
}

absl::Status WeightsSubscriber::WaitForNewer(Clock::time_point deadline) {
  MutexLock lock(&mutex_);
  while (status_.ok() && !fresh_.load(std::memory_order_relaxed)) {
    if (!changed_.WaitUntil(&mutex_, deadline)) break;
  }
  if (fresh_.load(std::memory_order_relaxed)) return absl::OkStatus();
  if (!status_.ok()) return status_;
  return absl::DeadlineExceededError("no newer weights yet");
}

absl::Status WeightsSubscriber::status() const {
  MutexLock lock(&mutex_);
  return status_;
}

WeightsSubscriber::Counters WeightsSubscriber::counters() const {
  MutexLock lock(&mutex_);
  return counters_;
}

absl::Status WeightsSubscriber::Serve(const Endpoint& server, const std::function<void()>& works) {
  DROVER_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenBulkChannel(server));
  const std::unique_ptr<WeightsService::Stub> stub = WeightsService::NewStub(channel);
  const auto stream = std::make_shared<Stream>(
      [&stub](grpc::ClientContext* context) { return stub->Subscribe(context); }, WeightsRequest(),
      options_.limits);
  {
    MutexLock lock(&mutex_);
    if (!status_.ok()) return absl::OkStatus();
    stream_ = stream;
  }
  absl::Status status = ReadAll(stream.get(), works);
  if (!status.ok()) stream->Cancel();
  const absl::Status last_word = StreamStatus(stream->Finish());
  // What came was damaged: ask again on a new connection.
  status = status.ok() ? last_word : absl::UnavailableError(status.message());
  MutexLock lock(&mutex_);
  stream_.reset();
  return status_.ok() ? status : absl::OkStatus();  // stopped: done
}

absl::Status WeightsSubscriber::ReadAll(Stream* stream, const std::function<void()>& works) {
  const Identity identity = options_.identity();
  WeightsRequest request;
  request.set_run_id(identity.run_id);
  request.set_member_id(identity.member_id);
  request.set_epoch(identity.epoch);
  request.set_table_version(identity.table_version);
  request.set_layout_hash(options_.layout.hash);
  {
    MutexLock lock(&mutex_);
    request.set_newer_than(newest_.header.version());
  }
  WeightsAssembler assembler(options_.layout);
  WeightsChunk chunk;
  bool connected = false;
  stream->Write(request);  // if it fails, so does Read
  while (stream->Read(&chunk)) {
    if (!connected) {
      connected = true;
      MutexLock lock(&mutex_);
      ++counters_.connections;
    }
    if (!chunk.has_header() && chunk.data().empty()) continue;  // a heartbeat
    const absl::StatusOr<bool> complete = assembler.Add(&chunk);
    absl::Status kept = complete.status();
    if (complete.ok() && *complete) kept = Keep(&assembler.set());
    if (!kept.ok()) {
      MutexLock lock(&mutex_);
      ++counters_.damaged;
      return kept;
    }
    if (!*complete) continue;
    works();
    request.Clear();
    request.set_newer_than(assembler.set().header.version());
    stream->Write(request);
  }
  return absl::OkStatus();
}

absl::Status WeightsSubscriber::Keep(WeightSet* set) {
  {
    MutexLock lock(&mutex_);
    if (set->header.version() <= newest_.header.version() && counters_.received > 0) {
      return absl::InvalidArgumentError(absl::StrCat("weights: version ", set->header.version(),
                                                     " came after version ",
                                                     newest_.header.version()));
    }
    newest_.header = set->header;
    std::swap(newest_.data, set->data);
    ++counters_.received;
    fresh_.store(true, std::memory_order_release);
  }
  changed_.NotifyAll();
  return absl::OkStatus();
}

}  // namespace drover
