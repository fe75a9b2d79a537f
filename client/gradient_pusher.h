#ifndef DROVER_CLIENT_GRADIENT_PUSHER_H_
#define DROVER_CLIENT_GRADIENT_PUSHER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/identity.h"
#include "client/weights_assembler.h"
#include "common/mutex.h"
#include "common/rpc/backoff.h"
#include "common/wait_meter.h"
#include "proto/gradients.grpc.pb.h"

namespace drover {

// The actor's side of GradientService (proto/gradients.proto): a gradient goes out, the newest
// weights come back, and are held until their owner takes them.
//
// A call that has no answer is made again with the same sequence number, to the newest learner and
// with the newest epoch, so that a gradient is applied once or not at all. One thread; counters()
// from any.
class GradientPusher {
 public:
  struct Options {
    IdentityFn identity;
    PeerFn learner;
    WeightsLayout layout;                      // of all parameters
    std::function<bool()> stop;                // asked between two tries: true gives up
    std::chrono::milliseconds deadline{2000};  // of one try
  };

  // Totals since the start.
  struct Counters {
    uint64_t sent = 0;      // gradients that were answered
    uint64_t applied = 0;   // of them
    uint64_t rejected = 0;  // NaN or infinite
    uint64_t too_old = 0;
    uint64_t lag_sum = 0;  // versions that those applied were old, and the oldest of them
    uint64_t lag_max = 0;
    uint64_t again = 0;       // tries after the first
    double wait_seconds = 0;  // for answers
    double wait_current = 0;  // > 0: it waits now, for so long
  };

  explicit GradientPusher(Options options);

  // Asks for weights; how many of this member's gradients the learner has: 0 in an actor's first
  // life. Before the first Push. Errors as Push.
  absl::StatusOr<uint64_t> Begin();

  // Pushes a gradient; sets who it is from and its sequence. OK: it was applied, or refused and
  // counted; there are newer weights. CANCELLED: the learner takes no more, or `stop` said so; any
  // other error: the learner will never take what this process sends, and says why.
  absl::Status Push(PushRequest* request);

  // Puts the newest weights into `set` if they are newer than what was taken last; `set`'s old
  // buffer is used for later ones. Its header has version, frames and trained_frames.
  bool Take(WeightSet* set);

  // The learner takes no more. Any thread.
  bool over() const { return over_.load(std::memory_order_relaxed); }
  Counters counters() const DROVER_EXCLUDES(mutex_);

 private:
  absl::Status Call(PushRequest* request) DROVER_EXCLUDES(mutex_);
  absl::Status Try(PushRequest* request);
  absl::Status Connect();
  absl::Status Keep(const PushRequest& request, PushReply* reply) DROVER_EXCLUDES(mutex_);
  void Count(const PushRequest& request, const PushReply& reply) DROVER_EXCLUDES(mutex_);
  bool Pause();  // false: told to stop

  const Options options_;
  std::unique_ptr<GradientService::Stub> stub_;  // null: not connected
  Backoff backoff_;
  uint64_t sequence_ = 0;  // of the last gradient
  WeightSet newest_;
  bool fresh_ = false;  // newest_ has not been taken
  std::atomic<bool> over_{false};

  mutable Mutex mutex_;
  Counters counters_ DROVER_GUARDED_BY(mutex_);
  WaitMeter waits_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_CLIENT_GRADIENT_PUSHER_H_
