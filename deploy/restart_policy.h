#ifndef DROVER_DEPLOY_RESTART_POLICY_H_
#define DROVER_DEPLOY_RESTART_POLICY_H_

#include <chrono>
#include <deque>
#include <optional>

namespace drover {

// When to start a process again that died: after 0.1 s, and twice as long with each death within
// the last minute, up to 2 s; not at all after the fifth. Not thread-safe; time is passed in.
class RestartPolicy {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::milliseconds;

  static constexpr int kMaxDeaths = 5;
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr Duration kFirstWait{100};
  static constexpr Duration kLongestWait{2000};

  // The process died. How long to wait before its next start; nothing: give up.
  std::optional<Duration> Died(Time now) {
    deaths_.push_back(now);
    while (now - deaths_.front() >= kWindow) deaths_.pop_front();
    if (deaths_.size() >= kMaxDeaths) return std::nullopt;
    const Duration wait = kFirstWait * (1 << (deaths_.size() - 1));
    return wait < kLongestWait ? wait : kLongestWait;
  }

 private:
  std::deque<Time> deaths_;  // within the last minute
};

}  // namespace drover

#endif  // DROVER_DEPLOY_RESTART_POLICY_H_
