#ifndef DROVER_LEARNER_FIRST_STEP_H_
#define DROVER_LEARNER_FIRST_STEP_H_

#include <algorithm>
#include <cstdint>

namespace drover {

// When the first step was acted that this learner received, by what actors say of theirs. Their
// clocks may be wrong, and they may lie: no moment before `opened`, when the learner began to take
// steps in, nor after the present counts. All in microseconds since 1970. Not thread-safe.
class FirstStep {
 public:
  void Open(uint64_t now) { opened_ = now; }
  // A step was acted at `told`, says its actor.
  void Note(uint64_t told, uint64_t now) {
    const uint64_t acted = std::max(opened_, std::min(told, now));
    if (unix_micros_ == 0 || acted < unix_micros_) unix_micros_ = acted;
  }
  uint64_t unix_micros() const { return unix_micros_; }  // 0: none yet

 private:
  uint64_t opened_ = 0;
  uint64_t unix_micros_ = 0;
};

}  // namespace drover

#endif  // DROVER_LEARNER_FIRST_STEP_H_
