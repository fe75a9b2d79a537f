#ifndef DROVER_COMMON_WAIT_METER_H_
#define DROVER_COMMON_WAIT_METER_H_

#include <chrono>

namespace drover {

// How long threads have waited for one thing, and since when one waits now: what `drover status`
// shows of a blocked process (Wait in proto/coordinator.proto).
//
// Not thread-safe: guarded by the mutex of what it measures. Time is passed in.
class WaitMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // A thread starts to wait, or stops.
  void Begin(Time now);
  void End(Time now);

  // Time so far in which at least one thread waited.
  double TotalSeconds(Time now) const;
  // How long there has been someone waiting without a gap; 0: nobody waits now.
  double CurrentSeconds(Time now) const;

 private:
  int waiting_ = 0;
  Time since_;  // of waiting_ > 0
  std::chrono::steady_clock::duration finished_{};
};

}  // namespace drover

#endif  // DROVER_COMMON_WAIT_METER_H_
