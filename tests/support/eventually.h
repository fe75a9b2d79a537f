#ifndef DROVER_TESTS_SUPPORT_EVENTUALLY_H_
#define DROVER_TESTS_SUPPORT_EVENTUALLY_H_

#include <chrono>
#include <functional>
#include <thread>

namespace drover::testing {

// Waits for what other threads of this process will bring about; false: not within a minute.
inline bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace drover::testing

#endif  // DROVER_TESTS_SUPPORT_EVENTUALLY_H_
