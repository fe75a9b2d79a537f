#ifndef DROVER_REPLAY_SAMPLE_SERVICE_H_
#define DROVER_REPLAY_SAMPLE_SERVICE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/mutex.h"
#include "common/rpc/admission.h"
#include "common/rpc/peer_stream.h"
#include "proto/replay.pb.h"
#include "replay/sample_encoder.h"
#include "replay/sampled_batch.h"
#include "replay/store.h"

namespace drover {

// The server's end of the sample streams (proto/replay.proto says what may be
// sent and what is answered): admits learners and answers their requests in
// order, one batch under way for each stream. So a learner that does not read
// costs one batch of memory, and draws none that it will not get.
//
// No call blocks; all are thread-safe. It outlives its gRPC server.
class SampleService final : private PeerStream::Owner {
 public:
  using Clock = PeerStream::Clock;
  using StreamId = uint64_t;

  // `woken` is called, on any thread, with a stream whose batch may pass now: Retry(id) has to
  // follow, on a thread that holds no lock. All outlive it.
  SampleService(const Admission* admission, const StreamLimits& limits,
                std::function<void(StreamId)> woken);
  ~SampleService() override;

  // Once: refuses streams with UNAVAILABLE before.
  void Open(Store* store, uint64_t spec_hash);

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Accept(
      grpc::CallbackServerContext* context);
  void Retry(StreamId id);
  // Heartbeats and progress, silent peers, those who wait for their table, those who are fenced.
  void Tick(Clock::time_point now);
  void Close();  // ends all streams; new ones are refused

  struct Counters {
    uint64_t refused_streams = 0;
    uint64_t samplers = 0;  // admitted, now
  };
  Counters counters() const;

 private:
  struct Request {
    size_t table = 0;
    uint32_t items = 0;
    uint32_t batches = 0;  // left
    uint64_t tag = 0;
  };

  // One stream. Its batch belongs to the thread that set `drawing`.
  struct Sampler {
    PeerStream* stream = nullptr;
    bool reading = false;
    std::optional<Peer> peer;      // once its Hello came; then `admitted`
    std::deque<Request> requests;  // with batches left
    uint32_t batches = 0;          // in all of them
    std::shared_ptr<SampledBatch> batch;
    bool drawing = false;         // by a thread, or parked
    bool parked = false;          // waits for Retry
    bool woken = false;           // before it was parked
    WaitList::Ticket ticket = 0;  // where it is parked
    // To be written, in this order.
    bool welcome = false;
    std::optional<grpc::ByteBuffer> answer;
    bool progress = false;
    bool writing = false;
    uint64_t told_frames = 0;  // by the newest progress
    uint64_t episodes = 0;     // cursor to those that it has not heard of
  };

  void OnMessage(PeerStream* stream, grpc::ByteBuffer* message) override;
  void OnWritable(PeerStream* stream) override;
  void OnPeerFinished(PeerStream* stream) override;
  void OnGone(PeerStream* stream) override;

  absl::Status Handle(StreamId id, grpc::ByteBuffer* bytes);
  absl::Status HandleHello(StreamId id, const ReplayHello& hello);
  absl::Status HandleRequest(StreamId id, const SampleRequest& request);

  // Draws batches and writes them as long as there are requests and the stream takes them.
  void Pump(StreamId id);
  // What to draw now for a stream, whose `drawing` is set then; nothing: none, or not now.
  std::optional<Request> Begin(StreamId id, std::shared_ptr<SampledBatch>* batch);
  // The limiter holds the batch back. True: it has been woken already, draw again.
  bool Park(StreamId id, const Request& request, WaitList::Ticket ticket);
  void Answer(StreamId id, const Request& request, SampledBatch* batch);

  void Judge(Sampler* sampler, Clock::time_point now) DROVER_REQUIRES(mutex_);
  void Refuse(Sampler* sampler, const absl::Status& status) DROVER_REQUIRES(mutex_);
  void End(Sampler* sampler, const absl::Status& status) DROVER_REQUIRES(mutex_);
  void Flush(Sampler* sampler) DROVER_REQUIRES(mutex_);
  void Read(Sampler* sampler) DROVER_REQUIRES(mutex_);
  ReplayProgress Progress(Sampler* sampler) DROVER_REQUIRES(mutex_);
  ReplayProgress ProgressOfTables(Sampler* sampler) DROVER_REQUIRES(mutex_);
  Sampler* Find(StreamId id) DROVER_REQUIRES(mutex_);  // null: it is gone

  const Admission* const admission_;
  const StreamLimits limits_;
  const std::function<void(StreamId)> woken_;

  // Set by Open(), before there is a stream; then only read.
  Store* store_ = nullptr;
  uint64_t spec_hash_ = 0;
  std::vector<SampleEncoder> encoders_;  // by table

  mutable Mutex mutex_;
  bool open_ DROVER_GUARDED_BY(mutex_) = false;
  StreamId next_id_ DROVER_GUARDED_BY(mutex_) = 1;
  std::map<StreamId, Sampler> samplers_ DROVER_GUARDED_BY(mutex_);
  uint64_t refused_streams_ DROVER_GUARDED_BY(mutex_) = 0;
};

}  // namespace drover

#endif  // DROVER_REPLAY_SAMPLE_SERVICE_H_
