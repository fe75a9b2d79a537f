#ifndef DROVER_LEARNER_PART_TIMER_H_
#define DROVER_LEARNER_PART_TIMER_H_

#include <chrono>

namespace drover {

// Shares out a thread's time among its parts without a gap: each Lap() gives
// the time since the last one to the part that has just ended. One thread.
class PartTimer {
 public:
  // Adds to `*seconds`, and returns what it added.
  double Lap(double* seconds) {
    const auto now = std::chrono::steady_clock::now();
    const double lap = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    *seconds += lap;
    return lap;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace drover

#endif  // DROVER_LEARNER_PART_TIMER_H_
