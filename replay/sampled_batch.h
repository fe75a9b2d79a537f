#ifndef DROVER_REPLAY_SAMPLED_BATCH_H_
#define DROVER_REPLAY_SAMPLED_BATCH_H_

#include <cstdint>
#include <vector>

#include "replay/window.h"

namespace drover {

// B items that a table chose, by index 0 … B-1, kept alive until Clear(). Used again for each
// batch, so that nothing is allocated once it has its size. One thread at a time.
class SampledBatch {
 public:
  // T: steps of a chunk.
  explicit SampledBatch(uint32_t steps_of_chunk) : steps_of_chunk_(steps_of_chunk) {}
  ~SampledBatch() { Clear(); }
  SampledBatch(const SampledBatch&) = delete;
  SampledBatch& operator=(const SampledBatch&) = delete;

  void Clear();
  size_t items() const { return windows.size(); }

  std::vector<Window> windows;
  std::vector<uint64_t> keys;           // Key::bits()
  std::vector<double> probabilities;    // P(i) in this table when it was chosen
  std::vector<float> priorities;        // p
  std::vector<uint32_t> times_sampled;  // this one included
  uint64_t table_size = 0;              // items in the table before the batch
  double table_mass = 0;                // Selector::mass() before the batch

 private:
  const uint32_t steps_of_chunk_;
};

}  // namespace drover

#endif  // DROVER_REPLAY_SAMPLED_BATCH_H_
