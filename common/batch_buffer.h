#ifndef DROVER_COMMON_BATCH_BUFFER_H_
#define DROVER_COMMON_BATCH_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/moments.h"
#include "common/unroll_layout.h"
#include "proto/trajectory.pb.h"

namespace drover {

// The memory of one batch: B unrolls side by side, time-major, one contiguous
// array a leaf. Used again for each batch, so that nothing is allocated once
// it has reached its size. Knows nothing of LibTorch (agent/batch_view.h
// does). One thread at a time.
class BatchBuffer {
 public:
  // `layout` outlives it.
  explicit BatchBuffer(const UnrollLayout* layout);

  // Empty again, for a batch of `unrolls`, B, that is trained at `version`.
  void Clear(uint64_t version, size_t unrolls);

  // Copies columns first … first+count-1 of `message`, which has `columns` of
  // them and passed UnrollValidator. They must fit.
  void Add(const Unrolls& message, size_t columns, size_t first, size_t count);

  size_t unrolls() const { return unrolls_; }
  size_t room() const { return unrolls_ - filled_; }  // in unrolls
  uint64_t version() const { return version_; }

  // Leaf i of the layout: [T+1, B, …], [T, B, …], [B, …], or [K, …] if it is sparse.
  const std::vector<char>& leaf(size_t i) const { return leaves_[i]; }
  std::vector<std::vector<char>>& leaves() { return leaves_; }
  // Where the K rows of sparse leaves belong: t * B + b.
  const std::vector<int64_t>& final_positions() const { return final_positions_; }
  std::vector<int64_t>& final_positions() { return final_positions_; }

  // What the messages so far add to the run's statistics, in their order: that of each which has
  // its first column here, so that it counts once.
  std::vector<SeenMoments>& seen() { return seen_; }

  // How old the policy was that acted, in versions, over the steps so far:
  // version() minus the version that acted.
  uint64_t lag_sum() const { return lag_sum_; }
  uint64_t lag_max() const { return lag_max_; }
  // The same as pairs: a lag, and over how many steps.
  std::vector<std::pair<uint64_t, uint64_t>>& lags() { return lags_; }

 private:
  void AddDense(size_t leaf, const std::string& column, size_t columns, size_t first, size_t count);
  void AddFinals(const Unrolls& message, size_t first, size_t count);
  void AddLag(const Unrolls& message, size_t count);

  const UnrollLayout* const layout_;
  size_t unrolls_ = 0;
  uint64_t version_ = 0;
  size_t filled_ = 0;  // unrolls
  std::vector<std::vector<char>> leaves_;
  std::vector<int64_t> final_positions_;
  std::vector<SeenMoments> seen_;
  uint64_t lag_sum_ = 0;
  uint64_t lag_max_ = 0;
  std::vector<std::pair<uint64_t, uint64_t>> lags_;
};

}  // namespace drover

#endif  // DROVER_COMMON_BATCH_BUFFER_H_
