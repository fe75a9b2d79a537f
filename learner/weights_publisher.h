#ifndef DROVER_LEARNER_WEIGHTS_PUBLISHER_H_
#define DROVER_LEARNER_WEIGHTS_PUBLISHER_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/mutex.h"
#include "common/rpc/admission.h"
#include "common/rpc/peer_stream.h"
#include "proto/weights.grpc.pb.h"

namespace drover {

struct WeightsCounters {
  uint64_t encodings = 0;        // of versions; never more than were published
  uint64_t sent = 0;             // versions sent, counted once for each stream
  uint64_t refused_streams = 0;  // closed for what the peer sent
  uint64_t streams = 0;          // open and admitted
  uint64_t waiting = 0;          // of them, for something newer than what is encoded
};

// The publisher of the weights (proto/weights.proto). A version is encoded
// once, and only if somebody waits; all streams share those bytes, and a slow
// subscriber skips versions.
//
// A service of callback reactors: no call blocks; all are thread-safe. It
// outlives its gRPC server.
class WeightsPublisher final
    : public WeightsService::WithRawCallbackMethod_Subscribe<WeightsService::Service>,
      private PeerStream::Owner {
 public:
  using Clock = PeerStream::Clock;

  // Refuses streams with UNAVAILABLE until Open(). `admission` outlives it.
  explicit WeightsPublisher(const Admission* admission, StreamLimits limits = {});
  ~WeightsPublisher() override;

  // Once. `layout_hash`: of the parameters that will be published.
  void Open(uint64_t layout_hash);

  // Whether a subscriber waits for something newer than what is encoded.
  bool Wanted() const;

  // What the parameters are now.
  struct Version {
    uint64_t version = 0;  // ascending
    uint64_t frames = 0;
    uint64_t trained_frames = 0;
  };
  // Encodes a version, unless it is encoded already, and sends it to all who
  // wait. `parameters`: float32, little-endian; read during the call only.
  // A learner publishes when Wanted(), and before it waits for experience:
  // else actors that wait for weights and the learner would wait for each other.
  void Publish(const Version& version, absl::string_view parameters);

  // Heartbeats, silent peers, those who wait for their table, those who are
  // fenced: several times a second, and at once when the member table changes.
  void Tick(Clock::time_point now);

  // Ends all streams; new ones are refused.
  void Close();

  WeightsCounters counters() const;

 private:
  using StreamId = uint64_t;
  struct Encoding;  // a version's chunks

  // One stream.
  struct Subscriber {
    PeerStream* stream;
    bool reading = false;                     // from a ReadNext() until its message is handled
    std::optional<Peer> peer;                 // once its first request came
    std::optional<uint64_t> newer_than;       // what it asks for; absent: nothing
    std::shared_ptr<const Encoding> sending;  // null: nothing
    size_t next_chunk = 0;                    // of `sending`
    bool heartbeat_due = false;
  };

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Subscribe(
      grpc::CallbackServerContext* context) override;
  void OnMessage(PeerStream* stream, grpc::ByteBuffer* message) override;
  void OnWritable(PeerStream* stream) override;
  void OnPeerFinished(PeerStream* stream) override;
  void OnGone(PeerStream* stream) override;

  // What a subscriber asks for. A status that is not OK closes its stream.
  absl::Status Handle(Subscriber* subscriber, const WeightsRequest& request)
      DROVER_REQUIRES(mutex_);
  // Lets in, refuses or leaves waiting a subscriber that has greeted.
  void Judge(Subscriber* subscriber, Clock::time_point now) DROVER_REQUIRES(mutex_);
  void Admit(Subscriber* subscriber) DROVER_REQUIRES(mutex_);
  void Refuse(Subscriber* subscriber, const absl::Status& status) DROVER_REQUIRES(mutex_);
  void End(Subscriber* subscriber, const absl::Status& status) DROVER_REQUIRES(mutex_);

  bool Waits(const Subscriber& subscriber) const DROVER_REQUIRES(mutex_);
  void Read(Subscriber* subscriber) DROVER_REQUIRES(mutex_);
  void Flush(Subscriber* subscriber) DROVER_REQUIRES(mutex_);
  Subscriber* Find(StreamId id) DROVER_REQUIRES(mutex_);

  const Admission* const admission_;
  const StreamLimits limits_;

  mutable Mutex mutex_;
  bool open_ DROVER_GUARDED_BY(mutex_) = false;
  uint64_t layout_hash_ DROVER_GUARDED_BY(mutex_) = 0;
  StreamId next_id_ DROVER_GUARDED_BY(mutex_) = 1;
  std::map<StreamId, Subscriber> subscribers_ DROVER_GUARDED_BY(mutex_);
  std::shared_ptr<const Encoding> newest_ DROVER_GUARDED_BY(mutex_);  // null before the first
  WeightsCounters counters_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_LEARNER_WEIGHTS_PUBLISHER_H_
