#ifndef DROVER_CLIENT_WEIGHTS_SUBSCRIBER_H_
#define DROVER_CLIENT_WEIGHTS_SUBSCRIBER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "client/duplex_stream.h"
#include "client/identity.h"
#include "client/pulse.h"
#include "client/reconnector.h"
#include "client/weights_assembler.h"
#include "common/mutex.h"
#include "proto/weights.grpc.pb.h"

namespace drover {

// Keeps one request for "newer than v" open and holds the newest complete,
// checked version for its owner, who takes it when it likes: an actor between
// two steps. Versions nobody took are overwritten, and never go back.
//
// It reconnects by itself. A damaged or misfit set is counted, dropped and
// asked for again on a new connection. Thread-safe.
class WeightsSubscriber {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    IdentityFn identity;
    PeerFn publisher;
    WeightsLayout layout;
    PulseLimits limits;
    // Told, on its thread, that the publisher refuses this subscriber for good. May be empty.
    std::function<void(const absl::Status&)> on_over;
  };

  // Totals since the start.
  struct Counters {
    uint64_t received = 0;  // complete versions
    uint64_t damaged = 0;   // sets with a wrong checksum, size, layout or order
    uint64_t connections = 0;
  };

  explicit WeightsSubscriber(Options options);  // starts to connect
  ~WeightsSubscriber();
  WeightsSubscriber(const WeightsSubscriber&) = delete;
  WeightsSubscriber& operator=(const WeightsSubscriber&) = delete;

  // Puts the newest version into `set` if it is newer than what was taken last;
  // `set`'s old buffer is used for a later one. Nothing new costs one atomic load.
  bool Take(WeightSet* set) DROVER_EXCLUDES(mutex_);

  // Waits until Take() has something. DEADLINE_EXCEEDED: ask again; CANCELLED:
  // stopped; any other error: the publisher refuses this subscriber for good.
  absl::Status WaitForNewer(Clock::time_point deadline) DROVER_EXCLUDES(mutex_);

  absl::Status status() const DROVER_EXCLUDES(mutex_);  // OK as long as it lives
  void Stop() DROVER_EXCLUDES(mutex_);
  Counters counters() const DROVER_EXCLUDES(mutex_);

 private:
  using Stream = DuplexStream<WeightsRequest, WeightsChunk>;

  absl::Status Serve(const Endpoint& server, const std::function<void()>& works)
      DROVER_EXCLUDES(mutex_);
  absl::Status ReadAll(Stream* stream, const std::function<void()>& works) DROVER_EXCLUDES(mutex_);
  absl::Status Keep(WeightSet* set) DROVER_EXCLUDES(mutex_);
  void End(const absl::Status& status) DROVER_EXCLUDES(mutex_);

  const Options options_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::shared_ptr<Stream> stream_ DROVER_GUARDED_BY(mutex_);
  WeightSet newest_ DROVER_GUARDED_BY(mutex_);
  absl::Status status_ DROVER_GUARDED_BY(mutex_);  // not OK: the end for good
  Counters counters_ DROVER_GUARDED_BY(mutex_);
  std::atomic<bool> fresh_{false};  // newest_ has not been taken

  Reconnector reconnector_;  // last: its thread uses all of the above
};

}  // namespace drover

#endif  // DROVER_CLIENT_WEIGHTS_SUBSCRIBER_H_
