#ifndef DROVER_CLIENT_RECONNECTOR_H_
#define DROVER_CLIENT_RECONNECTOR_H_

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "client/identity.h"
#include "common/mutex.h"

namespace drover {

// A thread that keeps one stream open for as long as there is a server: finds
// the server, serves one stream, and when that breaks, backs off 0.1–2 s and
// starts over with the newest address.
//
// The owner's `serve` runs on that thread and must return soon after
// RequestStop(): the owner cancels the stream that it serves.
class Reconnector {
 public:
  // Serves one stream until it is over and says why. OK: it is done, for good.
  // Also an end for good: statuses that the same words would meet again
  // (INVALID_ARGUMENT, RESOURCE_EXHAUSTED), and any error of `peer` but
  // UNAVAILABLE. It calls `works` once the stream has proved useful: the next
  // back-off starts small again.
  using ServeFn =
      std::function<absl::Status(const Endpoint& server, const std::function<void()>& works)>;

  // `name` is for the log, e.g. "trajectory stream". `over` is told, on the
  // thread, how it ended for good; not called after Stop().
  Reconnector(std::string name, PeerFn peer, ServeFn serve,
              std::function<void(const absl::Status&)> over);
  ~Reconnector();  // as Stop()
  Reconnector(const Reconnector&) = delete;
  Reconnector& operator=(const Reconnector&) = delete;

  // Opens nothing more; from any thread, does not wait.
  void RequestStop() DROVER_EXCLUDES(mutex_);
  bool stop_requested() const DROVER_EXCLUDES(mutex_);
  // RequestStop, and waits for the thread. By the owner, once or more.
  void Stop() DROVER_EXCLUDES(mutex_);

 private:
  void Run();
  bool Sleep(std::chrono::milliseconds time) DROVER_EXCLUDES(mutex_);  // false: stopped

  const std::string name_;
  const PeerFn peer_;
  const ServeFn serve_;
  const std::function<void(const absl::Status&)> over_;
  mutable Mutex mutex_;
  CondVar changed_;
  bool stop_ DROVER_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace drover

#endif  // DROVER_CLIENT_RECONNECTOR_H_
