#include "client/shard_split.h"

#include <algorithm>
#include <numeric>

#include "common/check.h"

namespace drover {

std::vector<ShardShare> SplitByMass(const std::vector<double>& masses, size_t count, double u) {
  const double total = std::accumulate(masses.begin(), masses.end(), 0.0);
  DROVER_CHECK(total > 0);
  std::vector<ShardShare> shares;
  const auto draws = static_cast<double>(count);
  double below = 0;  // mass of the shards before
  size_t drawn = 0;
  for (size_t shard = 0; shard < masses.size(); ++shard) {
    below += masses[shard];
    size_t end = drawn;
    while (end < count && (static_cast<double>(end) + u) / draws < below / total) ++end;
    if (end > drawn) shares.push_back({shard, end - drawn, masses[shard] / total});
    drawn = end;
  }
  // Rounding may leave the last draw to nobody.
  if (drawn < count) {
    if (shares.empty()) {
      const auto largest = std::max_element(masses.begin(), masses.end());
      shares.push_back({static_cast<size_t>(largest - masses.begin()), 0, *largest / total});
    }
    shares.back().count += count - drawn;
  }
  return shares;
}

}  // namespace drover
