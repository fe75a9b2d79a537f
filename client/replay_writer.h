#ifndef DROVER_CLIENT_REPLAY_WRITER_H_
#define DROVER_CLIENT_REPLAY_WRITER_H_

#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/identity.h"
#include "client/pulse.h"
#include "client/raw_session.h"
#include "client/reconnector.h"
#include "common/mutex.h"
#include "common/wait_meter.h"
#include "proto/replay.pb.h"

namespace drover {

// The actor's side of ReplayService.Insert (proto/replay.proto): experience
// goes to one replay server, each message once.
//
// Messages stay here until the server acknowledges them, at most `window` of
// them: then Insert waits. It reconnects by itself, with the newest epoch, and
// sends again what the server says it lacks; so nothing is lost but what a
// server forgot that went back to an older checkpoint. A server that has all
// that it may take (max_frames) is waited for too: one that starts again may
// have lost some of it.
//
// One thread inserts; everything else is safe from any thread.
class ReplayWriter {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    IdentityFn identity;
    PeerFn server;  // the shard that this writer writes to
    uint64_t spec_hash = 0;
    uint32_t environments = 0;  // E: unrolls in each message
    size_t window = 8;          // messages that are not acknowledged, at most; 1 or more
    PulseLimits limits;
  };

  // Totals since the start, unless said.
  struct Counters {
    uint64_t connections = 0;   // Welcomes received
    uint64_t sent = 0;          // messages, those sent again included
    uint64_t resent = 0;        // of them, after a reconnect
    uint64_t acknowledged = 0;  // messages that left the window
    uint64_t rejected = 0;      // of them, NaN or infinite
    uint64_t frames = 0;        // that the server has received of all writers, as heard last
    double wait_seconds = 0;    // Insert: without room in the window
    double wait_current = 0;    // > 0: it waits now, for so long, however often it asked
  };

  explicit ReplayWriter(Options options);  // starts to connect
  ~ReplayWriter();                         // as Stop()
  ReplayWriter(const ReplayWriter&) = delete;
  ReplayWriter& operator=(const ReplayWriter&) = delete;

  // Waits for the first Welcome and returns the highest sequence number that the server had from
  // this member before: 0 for an actor's first life. Errors as Insert.
  absl::StatusOr<uint64_t> WaitForWelcome(Clock::time_point deadline) DROVER_EXCLUDES(mutex_);

  // Takes a message once there is room; sets its sequence and leaves the rest as it was. It refers
  // to steps of the message taken before, never to one of an earlier life. DEADLINE_EXCEEDED: not
  // taken, no room, no server yet, or one that takes no more, ask again; CANCELLED: Stop() was
  // called; any other error: the server will never take what this writer sends, and says why.
  absl::Status Insert(InsertRequest* request, Clock::time_point deadline) DROVER_EXCLUDES(mutex_);

  // Waits until all that was taken is acknowledged: what the server takes no more never is. Errors
  // as Insert.
  absl::Status Flush(Clock::time_point deadline) DROVER_EXCLUDES(mutex_);

  // No more is taken, for good: status() says why. Cheap.
  bool over() const { return over_.load(std::memory_order_relaxed); }
  absl::Status status() const DROVER_EXCLUDES(mutex_);

  void Stop() DROVER_EXCLUDES(mutex_);  // what is not acknowledged is dropped
  Counters counters() const DROVER_EXCLUDES(mutex_);

 private:
  struct Message {
    uint64_t sequence = 0;
    grpc::ByteBuffer bytes;
    bool sent = false;    // on the connection there is
    bool before = false;  // on another one
  };

  absl::Status Serve(const Endpoint& server, const std::function<void()>& works)
      DROVER_EXCLUDES(mutex_);
  grpc::ByteBuffer Hello() const;
  absl::Status Handle(grpc::ByteBuffer* bytes, const std::function<void()>& works)
      DROVER_EXCLUDES(mutex_);
  void Welcomed(const InsertWelcome& welcome) DROVER_EXCLUDES(mutex_);
  absl::Status HandleAnswer(const InsertAnswer& answer) DROVER_EXCLUDES(mutex_);
  void Acknowledge(uint64_t sequence) DROVER_REQUIRES(mutex_);
  void SendLoop() DROVER_EXCLUDES(mutex_);
  Message* NextToSend() DROVER_REQUIRES(mutex_);  // null: nothing, now
  void End(const absl::Status& status) DROVER_EXCLUDES(mutex_);

  const Options options_;
  RawSession session_;

  mutable Mutex mutex_;
  CondVar changed_;
  uint64_t welcomed_ DROVER_GUARDED_BY(mutex_) = 0;       // on this connection; 0: none
  bool drained_ DROVER_GUARDED_BY(mutex_) = false;        // the server there was last takes no more
  std::deque<Message> window_ DROVER_GUARDED_BY(mutex_);  // not acknowledged, in order
  uint64_t first_sequence_ DROVER_GUARDED_BY(mutex_) = 0;  // the first Welcome's
  uint64_t last_sequence_ DROVER_GUARDED_BY(mutex_) = 0;   // highest taken, or the server's
  WaitMeter waits_ DROVER_GUARDED_BY(mutex_);
  bool waiting_ DROVER_GUARDED_BY(mutex_) = false;  // also between two Inserts
  absl::Status status_ DROVER_GUARDED_BY(mutex_);   // not OK: the end for good
  Counters counters_ DROVER_GUARDED_BY(mutex_);
  std::atomic<bool> over_{false};

  std::thread sender_;       // writes; so the other thread always listens
  Reconnector reconnector_;  // last: its thread uses all of the above
};

}  // namespace drover

#endif  // DROVER_CLIENT_REPLAY_WRITER_H_
