#ifndef DROVER_CLIENT_PRIORITY_UPDATER_H_
#define DROVER_CLIENT_PRIORITY_UPDATER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "client/identity.h"
#include "common/mutex.h"
#include "proto/replay.grpc.pb.h"

namespace drover {

// Sends new priorities to one replay server, from a thread of its own, so that
// the train step does not wait for it: what is added while a call is under way
// goes out together with the next. Where no server answers, they are dropped
// and counted: its items may be gone with it. Thread-safe.
class PriorityUpdater {
 public:
  struct Options {
    IdentityFn identity;
    PeerFn server;
    std::string table;
    size_t most = 1 << 18;  // keys that wait, at most: more are dropped and counted
    std::chrono::milliseconds call_deadline{2000};
  };

  // Totals.
  struct Counters {
    uint64_t sent = 0;     // keys, in calls that were answered
    uint64_t updated = 0;  // of them
    uint64_t stale = 0;
    uint64_t unknown = 0;
    uint64_t dropped = 0;  // not sent, or not answered
  };

  explicit PriorityUpdater(Options options);
  ~PriorityUpdater();  // as Stop()
  PriorityUpdater(const PriorityUpdater&) = delete;
  PriorityUpdater& operator=(const PriorityUpdater&) = delete;

  // One priority a key, finite and 0 or more.
  void Add(const std::vector<uint64_t>& keys, const std::vector<float>& priorities)
      DROVER_EXCLUDES(mutex_);

  // Waits until all that was added is answered or dropped; false: not by the deadline.
  bool Flush(std::chrono::steady_clock::time_point deadline) DROVER_EXCLUDES(mutex_);

  void Stop() DROVER_EXCLUDES(mutex_);  // what waits is dropped
  Counters counters() const DROVER_EXCLUDES(mutex_);

 private:
  void Run() DROVER_EXCLUDES(mutex_);
  absl::StatusOr<UpdateReply> Send(UpdateRequest* request);  // of the thread

  const Options options_;
  std::string endpoint_;                       // of the thread: that stub_ calls
  std::unique_ptr<ReplayService::Stub> stub_;  // of the thread

  mutable Mutex mutex_;
  CondVar changed_;
  UpdateRequest waiting_ DROVER_GUARDED_BY(mutex_);  // keys and priorities alone
  bool sending_ DROVER_GUARDED_BY(mutex_) = false;
  bool over_ DROVER_GUARDED_BY(mutex_) = false;
  Counters counters_ DROVER_GUARDED_BY(mutex_);
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace drover

#endif  // DROVER_CLIENT_PRIORITY_UPDATER_H_
