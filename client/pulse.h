#ifndef DROVER_CLIENT_PULSE_H_
#define DROVER_CLIENT_PULSE_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "common/mutex.h"

namespace drover {

struct PulseLimits {
  std::chrono::milliseconds heartbeat{2000};  // send something at least so often
  std::chrono::milliseconds silence{10000};   // a peer that sends nothing for so long is gone
};

// Watches one stream: calls `beat` whenever nothing was sent for
// limits.heartbeat, and `give_up`, once, when nothing came for limits.silence.
//
// Both are called from a thread of its own, never after the destructor.
// Sent() and Received() are cheap and safe from any thread.
class Pulse {
 public:
  // `beat` may be empty: nothing is ever sent. Neither may block for long.
  Pulse(const PulseLimits& limits, std::function<void()> beat, std::function<void()> give_up);
  ~Pulse();
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  void Sent() { Touch(&last_sent_); }
  void Received() { Touch(&last_received_); }

 private:
  using Clock = std::chrono::steady_clock;
  using Ticks = Clock::duration::rep;

  static void Touch(std::atomic<Ticks>* last) {
    last->store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
  }
  static Clock::time_point Load(const std::atomic<Ticks>& last) {
    return Clock::time_point(Clock::duration(last.load(std::memory_order_relaxed)));
  }

  void Run();
  bool WaitUntil(Clock::time_point due);  // false: it is over

  const PulseLimits limits_;
  const std::function<void()> beat_;
  const std::function<void()> give_up_;
  std::atomic<Ticks> last_sent_;
  std::atomic<Ticks> last_received_;
  Mutex mutex_;
  CondVar changed_;
  bool over_ DROVER_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace drover

#endif  // DROVER_CLIENT_PULSE_H_
