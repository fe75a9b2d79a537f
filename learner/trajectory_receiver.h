#ifndef DROVER_LEARNER_TRAJECTORY_RECEIVER_H_
#define DROVER_LEARNER_TRAJECTORY_RECEIVER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/moments.h"
#include "common/mutex.h"
#include "common/rpc/admission.h"
#include "common/rpc/peer_stream.h"
#include "common/unroll_layout.h"
#include "common/unroll_validator.h"
#include "learner/actor_outbox.h"
#include "learner/episode_statistics.h"
#include "learner/first_step.h"
#include "learner/intake.h"
#include "learner/round.h"
#include "learner/unroll.h"
#include "proto/trajectory.grpc.pb.h"

namespace drover {

struct TrajectoryOptions {
  UnrollLayout layout;
  uint64_t spec_hash = 0;
  int32_t actions = 0;       // discrete ones; 0: continuous
  int64_t environments = 0;  // E of every actor
  int64_t batch = 0;         // B
  int64_t max_policy_lag = 0;
  uint64_t max_frames = 0;
  size_t max_state_bytes = 0;  // lockstep: of an actor's state; 0: no lockstep
  bool elastic = false;        // lockstep: of the actors that live (learner/round.h)
  MomentsSizes moments;        // that messages have
};

struct TrajectoryCounters {
  uint64_t frames = 0;            // environment steps accepted, this process's and the checkpoint's
  uint64_t messages = 0;          // accepted
  uint64_t rejected_unrolls = 0;  // NaN or infinite
  uint64_t refused_streams = 0;   // closed for what the peer sent
  uint64_t ignored_unrolls = 0;   // received before, or after the drain
  int64_t queued_unrolls = 0;     // accepted and not yet released
  int64_t credits_out = 0;        // granted and not yet received back
  uint64_t streams = 0;           // open and admitted
  uint64_t started_unix_micros = 0;  // the first step that arrived (learner/first_step.h); 0: none
  double seconds = 0;                // spent on gRPC's threads to parse, check and queue
};

// The learner's end of the trajectory streams (proto/trajectory.proto says
// what may be sent and what is answered): admits actors, grants credits,
// checks what comes and puts it into the queue. It counts each frame once and
// accepts none past max_frames.
//
// A service of callback reactors: no call blocks; all are thread-safe. It
// outlives its gRPC server.
class TrajectoryReceiver final
    : public TrajectoryService::WithRawCallbackMethod_Stream<TrajectoryService::Service>,
      private PeerStream::Owner {
 public:
  using Clock = PeerStream::Clock;

  // Refuses streams with UNAVAILABLE until Open(). `admission` outlives it.
  explicit TrajectoryReceiver(const Admission* admission, StreamLimits limits = {});
  ~TrajectoryReceiver() override;

  // Once. `totals` are those of the checkpoint it goes on from. What is
  // received goes to `queue`, which is closed after the last, and to
  // `episodes`; both outlive it.
  void Open(const TrajectoryOptions& options, ReceivedTotals totals, UnrollQueue* queue,
            EpisodeStatistics* episodes);

  // The newest version that an actor can have. Ascending.
  void SetVersion(uint64_t version);
  // `unrolls` out of the queue have been trained or dropped: their credits go round again.
  void Release(int64_t unrolls);
  // Heartbeats, silent peers, those who wait for their table, those who are
  // fenced: several times a second, and at once when the member table changes.
  void Tick(Clock::time_point now);

  // Accepts nothing any more, tells every actor so.
  void Drain();
  // Ends all streams; new ones are refused. Who was not told to drain looks for the next learner.
  void Close();

  // No further message fits into max_frames: it drains by itself.
  bool budget_spent() const;
  // `meanwhile`, if not empty, is called while nothing is taken in: it must call nothing of this.
  ReceivedTotals totals(const std::function<void()>& meanwhile = nullptr) const;
  TrajectoryCounters counters() const;

 private:
  using StreamId = CreditLedger::StreamId;

  // One stream.
  struct Actor {
    PeerStream* stream;
    bool reading = false;      // from a ReadNext() until its message is handled
    std::optional<Peer> peer;  // once its Hello came; then `admitted`: it may send unrolls
    ActorOutbox outbox;
  };

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Stream(
      grpc::CallbackServerContext* context) override;
  void OnMessage(PeerStream* stream, grpc::ByteBuffer* message) override;
  void OnWritable(PeerStream* stream) override;
  void OnPeerFinished(PeerStream* stream) override;
  void OnGone(PeerStream* stream) override;

  // What an actor sent. A status that is not OK closes its stream.
  absl::Status Handle(PeerStream* stream, grpc::ByteBuffer* bytes);
  absl::Status HandleHello(StreamId id, const Hello& hello);
  absl::Status HandleUnrolls(StreamId id, std::unique_ptr<Unrolls> unrolls);
  absl::Status Take(Actor* actor, std::unique_ptr<Unrolls> unrolls, const absl::Status& finite)
      DROVER_REQUIRES(mutex_);
  void Accept(uint64_t member, std::unique_ptr<Unrolls> unrolls) DROVER_REQUIRES(mutex_);
  void Push(std::unique_ptr<Unrolls> message, int64_t batch) DROVER_REQUIRES(mutex_);
  // Lockstep: passes the round on when it is complete.
  void CheckRound() DROVER_REQUIRES(mutex_);
  void BeginRound() DROVER_REQUIRES(mutex_);

  // Lets in, refuses or leaves waiting an actor that has greeted.
  void Judge(Actor* actor, Clock::time_point now) DROVER_REQUIRES(mutex_);
  void Admit(Actor* actor) DROVER_REQUIRES(mutex_);
  void Refuse(Actor* actor, const absl::Status& status) DROVER_REQUIRES(mutex_);
  void End(Actor* actor, const absl::Status& status) DROVER_REQUIRES(mutex_);

  void Read(Actor* actor) DROVER_REQUIRES(mutex_);
  void Flush(Actor* actor) DROVER_REQUIRES(mutex_);
  void Grant() DROVER_REQUIRES(mutex_);
  void StopIntake() DROVER_REQUIRES(mutex_);
  Actor* Find(StreamId id) DROVER_REQUIRES(mutex_);

  const Admission* const admission_;
  const StreamLimits limits_;
  std::atomic<uint64_t> version_{0};

  // Set by Open(), before there is a stream; then only read.
  uint64_t spec_hash_ = 0;
  UnrollQueue* queue_ = nullptr;
  EpisodeStatistics* episodes_ = nullptr;
  int64_t environments_ = 0;
  int64_t batch_ = 0;
  size_t max_message_bytes_ = 0;
  std::optional<UnrollValidator> validator_;

  mutable Mutex mutex_;
  StreamId next_id_ DROVER_GUARDED_BY(mutex_) = 1;
  std::map<StreamId, Actor> actors_ DROVER_GUARDED_BY(mutex_);
  std::optional<Intake> intake_ DROVER_GUARDED_BY(mutex_);  // set by Open()
  std::optional<Round> round_ DROVER_GUARDED_BY(mutex_);    // in lockstep
  bool closed_ DROVER_GUARDED_BY(mutex_) = false;
  FirstStep first_step_ DROVER_GUARDED_BY(mutex_);
  TrajectoryCounters counters_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_LEARNER_TRAJECTORY_RECEIVER_H_
