#include "learner/episode_statistics.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/check.h"

namespace drover {

EpisodeStatistics::EpisodeStatistics(size_t window) : window_(window) { DROVER_CHECK(window > 0); }

void EpisodeStatistics::Add(double undiscounted_return, uint64_t length) {
  MutexLock lock(&mutex_);
  newest_.push_back({undiscounted_return, length});
  if (newest_.size() > window_) newest_.pop_front();
  ++episodes_;
}

EpisodeStatistics::Summary EpisodeStatistics::Last(size_t last) const {
  DROVER_CHECK(last <= window_);
  MutexLock lock(&mutex_);
  Summary summary;
  summary.episodes = episodes_;
  const size_t count = std::min(last, newest_.size());
  if (count == 0) return summary;
  double squares = 0;
  for (size_t i = newest_.size() - count; i < newest_.size(); ++i) {
    summary.mean_return += newest_[i].undiscounted_return;
    squares += newest_[i].undiscounted_return * newest_[i].undiscounted_return;
    summary.mean_length += static_cast<double>(newest_[i].length);
  }
  summary.mean_return /= static_cast<double>(count);
  summary.mean_length /= static_cast<double>(count);
  const double mean = summary.mean_return;
  summary.std_return = std::sqrt(std::max(0.0, squares / static_cast<double>(count) - mean * mean));
  return summary;
}

std::deque<EpisodeStatistics::Episode> EpisodeStatistics::Remembered() const {
  MutexLock lock(&mutex_);
  return newest_;
}

void EpisodeStatistics::Restore(uint64_t episodes, std::deque<Episode> remembered) {
  MutexLock lock(&mutex_);
  newest_ = std::move(remembered);
  while (newest_.size() > window_) newest_.pop_front();
  episodes_ = episodes;
}

}  // namespace drover
