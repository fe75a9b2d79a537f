#ifndef DROVER_COORDINATOR_RATE_H_
#define DROVER_COORDINATOR_RATE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <utility>

namespace drover {

// How fast a total grows, over the last seconds. Not thread-safe; time is passed in.
class Rate {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kWindow{5};

  // A new reading of the total. One that is lower than the last starts anew (a process resumed).
  void Add(uint64_t total, Time now) {
    if (!readings_.empty() && total < readings_.back().second) readings_.clear();
    readings_.emplace_back(now, total);
    while (readings_.size() > 2 && now - readings_[1].first >= kWindow) readings_.pop_front();
  }

  // Growth a second between the oldest and the newest reading; 0 before there are two.
  double PerSecond() const {
    if (readings_.size() < 2) return 0;
    const std::chrono::duration<double> seconds = readings_.back().first - readings_.front().first;
    if (seconds.count() <= 0) return 0;
    return static_cast<double>(readings_.back().second - readings_.front().second) /
           seconds.count();
  }

 private:
  std::deque<std::pair<Time, uint64_t>> readings_;
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_RATE_H_
