#ifndef DROVER_REPLAY_INSERT_SERVICE_H_
#define DROVER_REPLAY_INSERT_SERVICE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "common/rpc/admission.h"
#include "common/rpc/peer_stream.h"
#include "common/unroll_validator.h"
#include "proto/replay.pb.h"
#include "replay/insert_outbox.h"
#include "replay/store.h"

namespace drover {

// The server's end of the insert streams (proto/replay.proto says what may be
// sent and what is answered): admits writers, checks what comes, stores each
// message once and acknowledges it. A message that a rate limiter holds back
// waits here, and its stream is not read meanwhile: so each writer has one
// message in memory, and what the connection holds.
//
// No call blocks; all are thread-safe. It outlives its gRPC server.
class InsertService final : private PeerStream::Owner {
 public:
  using Clock = PeerStream::Clock;
  using StreamId = uint64_t;

  // `woken` is called, on any thread, with a stream whose message may fit now: Retry(id) has to
  // follow, on a thread that holds no lock. All outlive it.
  InsertService(const Admission* admission, const StreamLimits& limits,
                std::function<void(StreamId)> woken);
  ~InsertService() override;

  // Once: refuses streams with UNAVAILABLE before.
  void Open(Store* store, uint64_t spec_hash);

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Accept(
      grpc::CallbackServerContext* context);
  void Retry(StreamId id);
  // Heartbeats, silent peers, those who wait for their table, those who are fenced.
  void Tick(Clock::time_point now);
  void Close();  // ends all streams; new ones are refused

  struct Counters {
    uint64_t refused_streams = 0;
    uint64_t writers = 0;  // admitted, now
  };
  Counters counters() const;

 private:
  // A message and what points into it, until it is stored.
  struct Pending {
    InsertRequest request;
    Insertion insertion;
    Store::Ticket ticket;
    bool parked = false;  // waits for Retry
    bool woken = false;   // before it was parked
  };

  // One stream.
  struct Writer {
    PeerStream* stream;
    bool reading = false;      // from a ReadNext() until its message is dealt with
    std::optional<Peer> peer;  // once its Hello came; then `admitted`: it may insert
    uint32_t environments = 0;
    size_t max_message_bytes = 0;
    std::shared_ptr<Pending> pending;
    InsertOutbox outbox;
    bool drained = false;  // it was told
  };

  void OnMessage(PeerStream* stream, grpc::ByteBuffer* message) override;
  void OnWritable(PeerStream* stream) override;
  void OnPeerFinished(PeerStream* stream) override;
  void OnGone(PeerStream* stream) override;

  // What a writer sent. A status that is not OK closes its stream.
  absl::Status Handle(StreamId id, grpc::ByteBuffer* bytes);
  absl::Status HandleHello(StreamId id, const ReplayHello& hello);
  absl::Status HandleInsert(StreamId id, InsertRequest* request);
  // Stores it, or leaves it waiting in the stream. By one thread at a time for each stream.
  absl::Status TryStore(StreamId id, const std::shared_ptr<Pending>& pending);
  absl::Status Point(InsertRequest* request, Insertion* insertion) const;
  void Done(StreamId id, const absl::Status& status);

  // Lets in, refuses or leaves waiting a writer that has greeted.
  void Judge(Writer* writer, Clock::time_point now) DROVER_REQUIRES(mutex_);
  void Admit(Writer* writer) DROVER_REQUIRES(mutex_);
  void Refuse(Writer* writer, const absl::Status& status) DROVER_REQUIRES(mutex_);
  void End(Writer* writer, const absl::Status& status) DROVER_REQUIRES(mutex_);
  void Drain(Writer* writer) DROVER_REQUIRES(mutex_);
  void Read(Writer* writer) DROVER_REQUIRES(mutex_);
  void Flush(Writer* writer) DROVER_REQUIRES(mutex_);
  Writer* Find(StreamId id) DROVER_REQUIRES(mutex_);  // null: it is gone

  const Admission* const admission_;
  const StreamLimits limits_;
  const std::function<void(StreamId)> woken_;

  // Set by Open(), before there is a stream; then only read.
  Store* store_ = nullptr;
  uint64_t spec_hash_ = 0;
  std::optional<UnrollValidator> validator_;

  mutable Mutex mutex_;
  bool open_ DROVER_GUARDED_BY(mutex_) = false;
  StreamId next_id_ DROVER_GUARDED_BY(mutex_) = 1;
  std::map<StreamId, Writer> writers_ DROVER_GUARDED_BY(mutex_);
  uint64_t refused_streams_ DROVER_GUARDED_BY(mutex_) = 0;
};

}  // namespace drover

#endif  // DROVER_REPLAY_INSERT_SERVICE_H_
