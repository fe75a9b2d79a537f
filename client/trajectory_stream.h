#ifndef DROVER_CLIENT_TRAJECTORY_STREAM_H_
#define DROVER_CLIENT_TRAJECTORY_STREAM_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/duplex_stream.h"
#include "client/identity.h"
#include "client/pulse.h"
#include "client/reconnector.h"
#include "common/mutex.h"
#include "common/wait_meter.h"
#include "proto/trajectory.grpc.pb.h"

namespace drover {

// The actor's side of TrajectoryService: credits come in, unrolls go out.
//
// It reconnects by itself, to the newest learner and with the newest epoch.
// Credits belong to the connection that granted them: when it breaks they are
// void, and so are the unrolls started with them (Send says so). Nothing is
// sent twice. Sequence numbers go on from what the learner has.
//
// One thread acquires and sends; everything else is safe from any thread.
class TrajectoryStream {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    IdentityFn identity;
    PeerFn learner;
    uint64_t spec_hash = 0;
    uint32_t environments = 0;  // E: unrolls in each message
    PulseLimits limits;
  };

  // Totals since the start.
  struct Counters {
    uint64_t connections = 0;        // Welcomes received
    uint64_t sent = 0;               // messages handed to the connection
    uint64_t lost = 0;               // messages dropped because their connection was gone
    uint64_t rejected = 0;           // messages that the learner would not take
    uint64_t granted = 0;            // credits, in unrolls
    double credit_wait_seconds = 0;  // without the credits for an unroll
    double credit_wait_current = 0;  // > 0: it waits now, for so long, however often it asked
  };

  // What the learner says along with credits.
  struct Terms {
    uint64_t connection = 0;  // that granted them: 1, 2, …; 0: none yet
    uint64_t version = 0;     // of the weights that must act, in lockstep; else at least
    std::string state;        // lockstep: of this actor, as that connection's Welcome has it
  };

  explicit TrajectoryStream(Options options);  // starts to connect
  ~TrajectoryStream();
  TrajectoryStream(const TrajectoryStream&) = delete;
  TrajectoryStream& operator=(const TrajectoryStream&) = delete;

  // Waits for the first Welcome and returns the highest sequence number that
  // the learner had from this member before: 0 for an actor's first life.
  // Errors as AcquireCredits.
  absl::StatusOr<uint64_t> WaitForWelcome(Clock::time_point deadline) DROVER_EXCLUDES(mutex_);

  // Takes a credit for each environment; call it before an unroll's first step.
  // DEADLINE_EXCEEDED: ask again; CANCELLED: the run drains, or Stop() was called; any other
  // error: the learner will never take what this actor sends, and says why.
  // `terms`, unless null, becomes theirs.
  absl::Status AcquireCredits(Clock::time_point deadline, Terms* terms = nullptr)
      DROVER_EXCLUDES(mutex_);

  // Credits of this connection are still good.
  bool Holds(uint64_t connection) const DROVER_EXCLUDES(mutex_);

  // Sends what was made with the credits acquired last; sets `unrolls`' sequence
  // and leaves the rest as it was. ABORTED: the credits' connection broke, the unrolls are
  // dropped; go on with AcquireCredits. Other errors as AcquireCredits.
  absl::Status Send(Unrolls* unrolls) DROVER_EXCLUDES(mutex_);

  // The learner wants no more, the stream was stopped, or it failed: finish. Cheap.
  bool over() const { return over_.load(std::memory_order_relaxed); }

  void Stop() DROVER_EXCLUDES(mutex_);  // both calls above return CANCELLED from now on
  Counters counters() const DROVER_EXCLUDES(mutex_);

 private:
  using Stream = DuplexStream<ActorMessage, LearnerMessage>;

  absl::Status Serve(const Endpoint& server, const std::function<void()>& works)
      DROVER_EXCLUDES(mutex_);
  void SayHello(Stream* stream);
  absl::Status Listen(Stream* stream, const std::function<void()>& works) DROVER_EXCLUDES(mutex_);
  void Welcomed(const Welcome& welcome) DROVER_EXCLUDES(mutex_);
  absl::Status Handle(const LearnerMessage& message) DROVER_EXCLUDES(mutex_);
  void End(const absl::Status& status) DROVER_EXCLUDES(mutex_);

  const Options options_;
  ActorMessage outgoing_;  // of the sending thread

  mutable Mutex mutex_;
  CondVar changed_;
  std::shared_ptr<Stream> stream_ DROVER_GUARDED_BY(mutex_);  // null between connections
  bool welcomed_ DROVER_GUARDED_BY(mutex_) = false;           // on stream_
  uint64_t credits_ DROVER_GUARDED_BY(mutex_) = 0;            // of stream_, unused
  uint64_t held_connection_ DROVER_GUARDED_BY(mutex_) =
      0;                                            // counters_.connections at the last acquire
  uint64_t version_ DROVER_GUARDED_BY(mutex_) = 0;  // the newest Credit's
  std::string state_ DROVER_GUARDED_BY(mutex_);     // the newest Welcome's
  uint64_t first_sequence_ DROVER_GUARDED_BY(mutex_) = 0;  // the first Welcome's
  uint64_t last_sequence_ DROVER_GUARDED_BY(mutex_) =
      0;  // highest sent, or received by the learner
  WaitMeter credit_waits_ DROVER_GUARDED_BY(mutex_);
  bool waits_for_credits_ DROVER_GUARDED_BY(mutex_) = false;  // also between two AcquireCredits
  absl::Status status_ DROVER_GUARDED_BY(mutex_);             // not OK: the end for good
  Counters counters_ DROVER_GUARDED_BY(mutex_);
  std::atomic<bool> over_{false};

  Reconnector reconnector_;  // last: its thread uses all of the above
};

}  // namespace drover

#endif  // DROVER_CLIENT_TRAJECTORY_STREAM_H_
