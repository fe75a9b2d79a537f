#ifndef DROVER_TESTS_REPLAY_CHUNKS_H_
#define DROVER_TESTS_REPLAY_CHUNKS_H_

#include <cstdint>
#include <utility>

#include "replay/chunk.h"
#include "tests/learner/unrolls.h"

// Made-up experience for the replay store's tests: that of tests/learner/unrolls.h.
namespace drover::testing {

// Message `sequence` (1, 2, …) of a writer whose episodes never end: environment e observes
// {v, -v} and gets reward v, with v = 1000 e + the steps it has done.
inline Unrolls Message(uint64_t sequence, uint32_t environments = kEnvironments) {
  Unrolls unrolls = MakeUnrolls(sequence, /*version=*/sequence, 0, environments);
  for (uint32_t t = 0; t <= kSteps; ++t) {
    for (uint32_t e = 0; e < environments; ++e) {
      const auto value =
          static_cast<float>(1000 * e + kSteps * (static_cast<uint32_t>(sequence) - 1) + t);
      const size_t at = t * environments + e;
      Set<float>(&unrolls, kObservationLeaf, 2 * at, value);
      Set<float>(&unrolls, kObservationLeaf, 2 * at + 1, -value);
      if (t < kSteps) Set<float>(&unrolls, kRewardLeaf, at, value);
    }
  }
  return unrolls;
}

// After `previous`, if there is one.
inline ChunkRef MakeChunk(Unrolls unrolls, const ChunkLayout& layout,
                          const Chunk* previous = nullptr, uint32_t environments = kEnvironments) {
  ChunkRef chunk = Chunk::Make(&unrolls, environments, &layout);
  chunk.Link(previous);
  return chunk;
}

}  // namespace drover::testing

#endif  // DROVER_TESTS_REPLAY_CHUNKS_H_
