#include "replay/sampled_batch.h"

namespace drover {

void SampledBatch::Clear() {
  for (const Window& window : windows) window.Release(steps_of_chunk_);
  windows.clear();
  keys.clear();
  probabilities.clear();
  priorities.clear();
  times_sampled.clear();
}

}  // namespace drover
