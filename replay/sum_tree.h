#ifndef DROVER_REPLAY_SUM_TREE_H_
#define DROVER_REPLAY_SUM_TREE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "replay/zeroed_array.h"

namespace drover {

// Weights of slots 0 … capacity-1 with their running sums: O(log n) to change a weight and to find
// the slot at a given share of the whole. Eight children a node, which is one cache line.
//
// Nothing drifts: a node is summed anew from its children whenever one of them changes, so every
// sum is a function of the weights as they are, however they came to be. Its relative error is at
// most that of adding up 8 numbers, once for each of log8(capacity) levels: below 1e-14.
//
// Several at once are much faster, since their cache misses overlap; wider nodes are no faster
// (tests/bench/replay_bench.cc; docs/performance.md has the numbers). Not thread-safe.
class SumTree {
 public:
  explicit SumTree(uint32_t capacity);

  uint32_t capacity() const { return capacity_; }
  double Get(uint32_t slot) const { return levels_.front()[slot]; }
  double total() const { return levels_.back()[0]; }

  // Weights are finite and at least 0; a slot starts with 0. Of a slot given twice, the last
  // counts.
  void Set(uint32_t slot, double weight) { Set({&slot, 1}, {&weight, 1}); }
  void Set(absl::Span<const uint32_t> slots, absl::Span<const double> weights);

  // The slot i with Σ_{j<i} w_j <= mass < Σ_{j<=i} w_j, for 0 <= mass < total(): up to rounding at
  // the edges, but never a slot of weight 0 as long as total() > 0. A mass out of that range counts
  // as the nearest one inside.
  uint32_t Find(double mass) const;
  void Find(absl::Span<const double> masses, absl::Span<uint32_t> slots) const;

 private:
  static constexpr uint32_t kFanOut = 8;

  const uint32_t capacity_;
  std::vector<ZeroedArray<double>> levels_;  // the weights first, the total last
};

}  // namespace drover

#endif  // DROVER_REPLAY_SUM_TREE_H_
