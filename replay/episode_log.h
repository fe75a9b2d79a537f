#ifndef DROVER_REPLAY_EPISODE_LOG_H_
#define DROVER_REPLAY_EPISODE_LOG_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "common/mutex.h"
#include "proto/trajectory.pb.h"

namespace drover {

// The last episodes that ended, numbered as they came; each reader goes through them with a cursor
// of its own. Thread-safe.
class EpisodeLog {
 public:
  // Older ones are forgotten: a reader that far behind misses them.
  static constexpr size_t kMost = 1 << 16;

  void Add(double undiscounted_return, uint64_t length);

  // How many there were so far: a cursor to those from now on.
  uint64_t end() const;
  // Appends those from *cursor on, at most `most`, and moves the cursor behind them. Returns how
  // many were missed.
  uint64_t Read(uint64_t* cursor, size_t most, std::vector<Episode>* episodes) const;

 private:
  struct Entry {
    double undiscounted_return;
    uint64_t length;
  };

  mutable Mutex mutex_;
  std::deque<Entry> entries_ DROVER_GUARDED_BY(mutex_);
  uint64_t end_ DROVER_GUARDED_BY(mutex_) = 0;
};

}  // namespace drover

#endif  // DROVER_REPLAY_EPISODE_LOG_H_
