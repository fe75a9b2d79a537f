#ifndef DROVER_REPLAY_KEY_H_
#define DROVER_REPLAY_KEY_H_

#include <cstdint>

namespace drover {

// An item's name for as long as it is in its table: shard (8 bits) | generation (24) | slot (32).
// Removing an item changes its slot's generation, so that a stale key is known without a search; it
// would be mistaken only after 2^24 - 1 other items in the same slot. No generation, and so no key,
// is 0.
struct Key {
  static constexpr uint32_t kMaxGeneration = (1U << 24) - 1;

  uint8_t shard = 0;
  uint32_t generation = 0;
  uint32_t slot = 0;

  static Key FromBits(uint64_t bits) {
    return {static_cast<uint8_t>(bits >> 56), static_cast<uint32_t>(bits >> 32) & kMaxGeneration,
            static_cast<uint32_t>(bits)};
  }
  uint64_t bits() const {
    return static_cast<uint64_t>(shard) << 56 | static_cast<uint64_t>(generation) << 32 | slot;
  }
};

// The generation after `generation`.
inline uint32_t NextGeneration(uint32_t generation) {
  return generation == Key::kMaxGeneration ? 1 : generation + 1;
}

// Where a server's life begins to count in each slot: one of 255 stretches of generations, so that
// the key of an item that was lost with a life before names no item of this one.
inline uint32_t FirstGeneration(uint64_t life) {
  return 1 + (static_cast<uint32_t>(life % 255) << 16);
}
inline bool SameLife(uint32_t generation, uint32_t first) {
  return (generation - 1) >> 16 == (first - 1) >> 16;
}

}  // namespace drover

#endif  // DROVER_REPLAY_KEY_H_
