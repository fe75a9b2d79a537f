#ifndef DROVER_COMMON_SIGNALS_H_
#define DROVER_COMMON_SIGNALS_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/fd_watch.h"
#include "common/mutex.h"

namespace drover {

// The request to end this process: SIGTERM, SIGINT (Ctrl-C) or Request(). All calls are
// thread-safe. A person who presses Ctrl-C a second time ends the process at once, with code 130;
// more SIGTERMs change nothing, since launchers may send several.
//
// Make one, first thing in main: it blocks both signals in its thread and in all that are started
// later, and reads them on a thread of its own, so that nothing runs in a signal handler.
class StopSignal {
 public:
  using Time = std::chrono::steady_clock::time_point;

  StopSignal();
  ~StopSignal();

  // Cheap enough for every step of a loop.
  bool requested() const { return requested_.load(std::memory_order_acquire); }
  // Why: "SIGTERM", "SIGINT" or what Request() said first; empty while not requested.
  std::string reason() const;

  // Waits; false: not requested by the deadline.
  bool WaitUntil(Time deadline = Time::max()) const;

  void Request(const std::string& reason);

  // Runs `callback` once, when the stop is requested or now if it was: on the thread that
  // requests, so it should only wake others, e.g. close a queue. It must stay callable until this
  // object ends.
  void OnRequest(std::function<void()> callback);

 private:
  bool OnSignal(int fd);

  std::atomic<bool> requested_{false};
  bool interrupted_ = false;  // SIGINT came; used by the watch's thread alone
  mutable Mutex mutex_;
  mutable CondVar changed_;
  std::string reason_ DROVER_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> callbacks_ DROVER_GUARDED_BY(mutex_);
  std::unique_ptr<FdWatch> watch_;
};

}  // namespace drover

#endif  // DROVER_COMMON_SIGNALS_H_
