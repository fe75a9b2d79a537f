#ifndef DROVER_CLIENT_SHARD_SPLIT_H_
#define DROVER_CLIENT_SHARD_SPLIT_H_

#include <cstddef>
#include <vector>

namespace drover {

// A shard's share of a batch.
struct ShardShare {
  size_t shard = 0;
  size_t count = 0;        // items to ask it for; never 0
  double probability = 0;  // q(shard): its mass over that of all
};

// Divides `count` draws among shards in proportion to their masses (0: that shard gets none;
// not all are 0). Systematic: with one uniform number u of [0, 1), draw k goes to the shard that
// holds (k + u) / count of the mass; so each shard gets count * q, rounded up or down, and that
// many on average.
std::vector<ShardShare> SplitByMass(const std::vector<double>& masses, size_t count, double u);

}  // namespace drover

#endif  // DROVER_CLIENT_SHARD_SPLIT_H_
