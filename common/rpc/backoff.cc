#include "common/rpc/backoff.h"

#include <algorithm>

namespace drover {

std::chrono::milliseconds Backoff::Next() {
  const std::chrono::milliseconds delay(
      low_.count() + static_cast<int64_t>(random_.Below(static_cast<uint64_t>(low_.count()) + 1)));
  low_ = std::min(2 * low_, kMost / 2);
  return delay;
}

}  // namespace drover
