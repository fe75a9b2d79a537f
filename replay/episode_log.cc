#include "replay/episode_log.h"

#include <algorithm>

namespace drover {

void EpisodeLog::Add(double undiscounted_return, uint64_t length) {
  MutexLock lock(&mutex_);
  entries_.push_back({undiscounted_return, length});
  ++end_;
  if (entries_.size() > kMost) entries_.pop_front();
}

uint64_t EpisodeLog::end() const {
  MutexLock lock(&mutex_);
  return end_;
}

uint64_t EpisodeLog::Read(uint64_t* cursor, size_t most, std::vector<Episode>* episodes) const {
  MutexLock lock(&mutex_);
  const uint64_t begin = end_ - entries_.size();
  const uint64_t missed = begin - std::min(begin, *cursor);
  *cursor = std::min(*cursor + missed, end_);
  for (; *cursor < end_ && most > 0; ++*cursor, --most) {
    const Entry& entry = entries_[*cursor - begin];
    Episode& episode = episodes->emplace_back();
    episode.set_return_(entry.undiscounted_return);
    episode.set_length(entry.length);
  }
  return missed;
}

}  // namespace drover
