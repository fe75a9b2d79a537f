#ifndef DROVER_REPLAY_SAMPLE_SERVICE_H_
#define DROVER_REPLAY_SAMPLE_SERVICE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/tally.h"
#include "proto/replay.pb.h"
#include "replay/replay_streams.h"
#include "replay/sample_encoder.h"
#include "replay/sampled_batch.h"
#include "replay/store.h"

namespace drover {

// The server's end of the sample streams (proto/replay.proto says what may be
// sent and what is answered): answers requests in order, one batch under way
// for each stream. So a learner that does not read costs one batch of memory,
// and draws none that it will not get.
class SampleService final : public ReplayStreams {
 public:
  // `woken` is called, on any thread, with a stream whose batch may pass now: Retry(id) has to
  // follow, on a thread that holds no lock. All outlive it.
  SampleService(const Admission* admission, const StreamLimits& limits,
                std::function<void(StreamId)> woken)
      : ReplayStreams("samples", admission, limits), woken_(std::move(woken)) {}

  // Once; before, streams are refused with UNAVAILABLE.
  void Open(Store* store, uint64_t spec_hash) DROVER_EXCLUDES(mutex_);

  void Retry(StreamId id) DROVER_EXCLUDES(mutex_);

  // From when a batch could be drawn for its stream until it is on its way, the rate limiter's wait
  // included.
  const Tally& seconds() const { return seconds_; }

 private:
  struct Request {
    size_t table = 0;
    uint32_t items = 0;
    uint32_t batches = 0;  // left
    uint64_t tag = 0;
  };

  // Its batch belongs to the thread that set `drawing`.
  struct Sampler final : Stream {
    std::deque<Request> requests;  // with batches left
    uint32_t batches = 0;          // in all of them
    std::shared_ptr<SampledBatch> batch;
    bool drawing = false;         // by a thread, or parked
    double drawing_since = 0;     // since when this batch; 0: it is not drawn yet
    bool parked = false;          // waits for Retry
    bool woken = false;           // before it was parked
    WaitList::Ticket ticket = 0;  // where it is parked
    // To be written, in this order.
    bool welcome = false;
    std::optional<grpc::ByteBuffer> answer;
    bool progress = false;
    bool writing = false;
    uint64_t told_frames = 0;  // by the newest progress
    bool told_drained = false;
    std::vector<bool> told_ready;  // by table
    uint64_t episodes = 0;         // cursor to those that it has not heard of
  };

  std::unique_ptr<Stream> NewStream() const override { return std::make_unique<Sampler>(); }
  std::optional<absl::Status> Handle(StreamId id, grpc::ByteBuffer* bytes) override;
  void Written(Stream* stream) override DROVER_REQUIRES(mutex_);
  void Greeted(Stream* stream) override DROVER_REQUIRES(mutex_);
  void Ended(Stream* stream) override DROVER_REQUIRES(mutex_);
  void Ticked(Stream* stream, bool heartbeat) override DROVER_REQUIRES(mutex_);
  bool MayRead(const Stream& /*stream*/) const override { return true; }
  // Draws batches and writes them as long as there are requests and the stream takes them.
  void Settled(StreamId id) override DROVER_EXCLUDES(mutex_);

  absl::Status HandleHello(StreamId id, const ReplayHello& hello) DROVER_EXCLUDES(mutex_);
  absl::Status HandleRequest(StreamId id, const SampleRequest& request) DROVER_EXCLUDES(mutex_);

  // What to draw now for a stream, whose `drawing` is set then; nothing: none, or not now.
  std::optional<Request> Begin(StreamId id, std::shared_ptr<SampledBatch>* batch)
      DROVER_EXCLUDES(mutex_);
  // The limiter holds the batch back. True: it has been woken already, draw again.
  bool Park(StreamId id, const Request& request, WaitList::Ticket ticket) DROVER_EXCLUDES(mutex_);
  void Answer(StreamId id, const Request& request, SampledBatch* batch) DROVER_EXCLUDES(mutex_);

  static Sampler* Cast(Stream* stream) { return static_cast<Sampler*>(stream); }
  Sampler* FindSampler(StreamId id) const DROVER_REQUIRES(mutex_) { return Cast(Find(id)); }
  void Flush(Sampler* sampler) DROVER_REQUIRES(mutex_);
  ReplayProgress Progress(Sampler* sampler) DROVER_REQUIRES(mutex_);
  ReplayProgress ProgressOfTables(Sampler* sampler) DROVER_REQUIRES(mutex_);

  const std::function<void(StreamId)> woken_;
  Tally seconds_{SecondsBounds()};

  // Set by Open(), before there is a stream; then only read.
  Store* store_ = nullptr;
  std::vector<SampleEncoder> encoders_;  // by table
};

}  // namespace drover

#endif  // DROVER_REPLAY_SAMPLE_SERVICE_H_
