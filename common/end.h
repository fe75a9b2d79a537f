#ifndef DROVER_COMMON_END_H_
#define DROVER_COMMON_END_H_

#include <cstdint>

namespace drover {

// Whether and how an episode ended with a step. Terminated: the task was over, no reward can
// follow, the value of what comes next is 0. Truncated: someone stopped looking (the time limit);
// what comes next still has a value, that of the final observation. Never both: an episode that
// terminates with the last step it was allowed counts as terminated.
// As bytes these are the trajectory's leaf "end".
enum class End : uint8_t {
  kRunning = 0,
  kTerminated = 1,
  kTruncated = 2,
};

}  // namespace drover

#endif  // DROVER_COMMON_END_H_
