#ifndef DROVER_REPLAY_TABLE_SNAPSHOT_H_
#define DROVER_REPLAY_TABLE_SNAPSHOT_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "common/random.h"
#include "replay/rate_limiter.h"
#include "replay/window.h"

namespace drover {

// One slot of a table: 32 bytes. Free slots have no chunk, and the generation of their next item.
struct Slot {
  Window window;
  uint32_t generation = 0;  // 0: never used
  uint32_t times_sampled = 0;
  float priority = 0;
  uint32_t next_free = 0;  // of a free slot: the next one

  bool occupied() const { return window.chunk() != nullptr; }
};
static_assert(sizeof(Slot) == 32);

// A table at one moment. It keeps the chunks of its items.
class TableSnapshot {
 public:
  // T: steps of a chunk.
  explicit TableSnapshot(uint32_t steps_of_chunk) : steps_of_chunk_(steps_of_chunk) {}
  ~TableSnapshot();
  TableSnapshot(TableSnapshot&& other) noexcept = default;
  TableSnapshot& operator=(TableSnapshot&&) = delete;

  std::vector<Slot> slots;      // as many as were ever used; occupied ones hold references
  std::vector<uint32_t> order;  // Selector::Order() of sampler or remover: of all items, or empty
  RateLimiter::State limiter;
  std::optional<RateLimit> limit;  // that someone set; none: as the table's options say
  float max_priority = 0;
  uint64_t evicted = 0;
  uint64_t sampled_out = 0;
  uint64_t deleted = 0;
  Random::State random{};  // of what the table draws next

 private:
  uint32_t steps_of_chunk_;
};

}  // namespace drover

#endif  // DROVER_REPLAY_TABLE_SNAPSHOT_H_
