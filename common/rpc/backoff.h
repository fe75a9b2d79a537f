#ifndef DROVER_COMMON_RPC_BACKOFF_H_
#define DROVER_COMMON_RPC_BACKOFF_H_

#include <chrono>

#include "common/random.h"

namespace drover {

// Between the n-th retry and the one before lies a random time in
//   [0.1 s · 2ⁿ, 0.2 s · 2ⁿ], but never more than [1 s, 2 s],
// so that many peers of a restarted service do not come back in step. Only numbers: the caller
// waits. Not thread-safe.
class Backoff {
 public:
  static constexpr std::chrono::milliseconds kLeast{100};
  static constexpr std::chrono::milliseconds kMost{2000};

  // `random` decides the times; each process should have its own.
  explicit Backoff(Random random) : random_(random) {}

  // How long to wait before the next try.
  std::chrono::milliseconds Next();

  // After a success: begins anew.
  void Reset() { low_ = kLeast; }

 private:
  Random random_;
  std::chrono::milliseconds low_ = kLeast;
};

}  // namespace drover

#endif  // DROVER_COMMON_RPC_BACKOFF_H_
