#ifndef DROVER_REPLAY_REPLAY_STREAMS_H_
#define DROVER_REPLAY_REPLAY_STREAMS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "common/rpc/admission.h"
#include "common/rpc/peer_stream.h"
#include "proto/replay.pb.h"

namespace drover {

// The server's ends of the streams of one kind: what inserting and sampling
// have in common. It lets in those whom the member table lists and who greet
// with the run's spec, closes those who fall silent or are fenced, and reads
// one message at a time. What messages mean is its heirs' business.
//
// No call blocks; all are thread-safe. It outlives its gRPC server.
class ReplayStreams : private PeerStream::Owner {
 public:
  using Clock = PeerStream::Clock;
  using StreamId = uint64_t;
  using Reactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

  ~ReplayStreams() override;

  Reactor* Accept(grpc::CallbackServerContext* context) DROVER_EXCLUDES(mutex_);
  // Heartbeats, silent peers, those who wait for their table, those who are fenced: several times a
  // second, and at once when the member table changes.
  void Tick(Clock::time_point now) DROVER_EXCLUDES(mutex_);
  void Close() DROVER_EXCLUDES(mutex_);  // ends all streams; new ones are refused

  struct Counters {
    uint64_t refused_streams = 0;  // closed for what the peer sent
    uint64_t admitted = 0;         // now
  };
  Counters counters() const DROVER_EXCLUDES(mutex_);

 protected:
  // One stream; heirs add to it.
  struct Stream {
    virtual ~Stream() = default;
    bool admitted() const { return peer && peer->admitted; }

    PeerStream* wire = nullptr;
    bool reading = false;      // from a ReadNext() until its message is dealt with
    std::optional<Peer> peer;  // once its Hello came
  };

  // `what` is for the log: "inserts", "samples". `admission` outlives it.
  ReplayStreams(const char* what, const Admission* admission, const StreamLimits& limits)
      : what_(what), admission_(admission), limits_(limits) {}

  // Once: streams are refused with UNAVAILABLE before.
  void Open(uint64_t spec_hash) DROVER_EXCLUDES(mutex_);

  virtual std::unique_ptr<Stream> NewStream() const = 0;
  // A message; a status that is not OK closes the stream. The next one is read when it returns
  // something, or else after Done().
  virtual std::optional<absl::Status> Handle(StreamId id, grpc::ByteBuffer* message) = 0;
  virtual void Written(Stream* stream) DROVER_REQUIRES(mutex_) = 0;  // another write may start
  virtual void Greeted(Stream* stream) DROVER_REQUIRES(mutex_) = 0;  // it was let in
  virtual void Ended(Stream* stream) DROVER_REQUIRES(mutex_) = 0;    // perhaps again
  // Each tick; `heartbeat`: something has to be sent.
  virtual void Ticked(Stream* stream, bool heartbeat) DROVER_REQUIRES(mutex_) = 0;
  // Nothing that came has yet to be dealt with; else it is read after Read().
  virtual bool MayRead(const Stream& stream) const DROVER_REQUIRES(mutex_) = 0;
  // Without the lock, after a message or a write was dealt with.
  virtual void Settled(StreamId /*id*/) {}

  // The first message of a stream.
  absl::Status Greet(StreamId id, const ReplayHello& hello) DROVER_EXCLUDES(mutex_);
  bool IsGreeted(StreamId id) const DROVER_EXCLUDES(mutex_);
  // NOT_FOUND, of a table, as INVALID_ARGUMENT: whoever asks so would ask so again.
  static absl::StatusOr<size_t> Named(absl::StatusOr<size_t> table);
  // A message was dealt with, with this status: reads on.
  void Done(StreamId id, const absl::Status& status) DROVER_EXCLUDES(mutex_);

  void Read(Stream* stream) DROVER_REQUIRES(mutex_);
  void End(Stream* stream, const absl::Status& status) DROVER_REQUIRES(mutex_);
  Stream* Find(StreamId id) const DROVER_REQUIRES(mutex_);  // null: it is gone

  mutable Mutex mutex_;
  std::map<StreamId, std::unique_ptr<Stream>> streams_ DROVER_GUARDED_BY(mutex_);

 private:
  void OnMessage(PeerStream* wire, grpc::ByteBuffer* message) override;
  void OnWritable(PeerStream* wire) override;
  void OnPeerFinished(PeerStream* wire) override;
  void OnGone(PeerStream* wire) override;

  // Lets in, refuses or leaves waiting a peer that has greeted.
  void Judge(Stream* stream, Clock::time_point now) DROVER_REQUIRES(mutex_);
  void Refuse(Stream* stream, const absl::Status& status) DROVER_REQUIRES(mutex_);

  const char* const what_;
  const Admission* const admission_;
  const StreamLimits limits_;
  uint64_t spec_hash_ = 0;  // set by Open(), before there is a stream
  bool open_ DROVER_GUARDED_BY(mutex_) = false;
  StreamId next_id_ DROVER_GUARDED_BY(mutex_) = 1;
  uint64_t refused_streams_ DROVER_GUARDED_BY(mutex_) = 0;
};

}  // namespace drover

#endif  // DROVER_REPLAY_REPLAY_STREAMS_H_
