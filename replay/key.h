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

// Of the items that a server's n-th life adds, unless a slot's own is later already: an item that
// was lost with a server leaves a key that names no other one. 256 lives later it begins anew.
inline uint32_t FirstGeneration(uint64_t life) {
  constexpr uint32_t kGenerationsOfALife = 1U << 16;
  return 1 + static_cast<uint32_t>(life % 255) * kGenerationsOfALife;
}

}  // namespace drover

#endif  // DROVER_REPLAY_KEY_H_
