#ifndef DROVER_LEARNER_EPISODE_STATISTICS_H_
#define DROVER_LEARNER_EPISODE_STATISTICS_H_

#include <cstddef>
#include <cstdint>
#include <deque>

#include "common/mutex.h"

namespace drover {

// The newest training episodes, in the order of their arrival.
// Thread-safe: the trajectory service adds, the learner loop reads.
class EpisodeStatistics {
 public:
  // Remembers the newest `window` episodes; 1 or more.
  explicit EpisodeStatistics(size_t window);

  // `undiscounted_return` of an episode of `length` steps.
  void Add(double undiscounted_return, uint64_t length);

  struct Summary {
    uint64_t episodes = 0;   // that ever arrived
    double mean_return = 0;  // of the last `last`, or of all where there are fewer; 0: none
    double std_return = 0;   // of the same, over the population
    double mean_length = 0;  // of the same, in steps
  };
  Summary Last(size_t last) const;  // last <= window

  // Everything remembered, oldest first, for checkpoints; Restore takes it back.
  struct Episode {
    double undiscounted_return;
    uint64_t length;
  };
  std::deque<Episode> Remembered() const;
  void Restore(uint64_t episodes, std::deque<Episode> remembered);

 private:
  mutable Mutex mutex_;
  const size_t window_;
  std::deque<Episode> newest_ DROVER_GUARDED_BY(mutex_);  // oldest first
  uint64_t episodes_ DROVER_GUARDED_BY(mutex_) = 0;
};

}  // namespace drover

#endif  // DROVER_LEARNER_EPISODE_STATISTICS_H_
