#ifndef DROVER_REPLAY_TABLE_H_
#define DROVER_REPLAY_TABLE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/mutex.h"
#include "common/random.h"
#include "replay/rate_limiter.h"
#include "replay/sampled_batch.h"
#include "replay/selector.h"
#include "replay/table_options.h"
#include "replay/table_snapshot.h"
#include "replay/wait_list.h"
#include "replay/window.h"
#include "replay/zeroed_array.h"

namespace drover {

// What became of keys that someone named.
struct KeyCounts {
  uint64_t applied = 0;
  uint64_t stale = 0;    // the item was removed
  uint64_t unknown = 0;  // of another shard, or no slot of this table

  KeyCounts& operator+=(const KeyCounts& other);
};

// Of a side that the rate limiter holds back: how many wait, for how long someone has without a
// gap (0: nobody waits), and the time so far in which someone did.
struct Blocked {
  uint64_t waiting = 0;
  double current_seconds = 0;
  double total_seconds = 0;
};

struct TableStatus {
  uint64_t size = 0;           // items
  double mass = 0;             // of the sampler
  float max_priority = 0;      // the largest seen: that of new items without one
  RateLimiter::State limiter;  // inserts, samples, balance
  RateLimit limit;
  uint64_t evicted = 0;      // removed for room
  uint64_t sampled_out = 0;  // removed after max_times_sampled
  uint64_t deleted = 0;      // removed by key
  uint64_t updates = 0;      // priorities set by key
  uint64_t stale_keys = 0;
  uint64_t unknown_keys = 0;
  uint64_t refused_updates = 0;  // calls with a priority that is none
  Blocked insert;
  Blocked sample;
};

// One table: items, each a window into chunks with a priority, in slots 0 … capacity-1, a sampler,
// a remover and a rate limiter. The store (replay/store.h) fills it; samplers, updates and deletes
// come straight here.
//
// All calls are thread-safe and none waits: what the rate limiter refuses leaves a Wake. One lock;
// it is held for a few dozen nanoseconds an item, and windows are copied (WindowAssembler) and
// chunks freed without it. Wakes run at the end of the call that made room, without the lock.
class Table {
 public:
  // What a call leaves to do once no lock is held: chunks to let go of, and Wakes.
  struct Aftermath {
    std::vector<Window> released;
    std::vector<Wake> wakes;

    void Run(uint32_t steps_of_chunk) const;
  };

  // Batches are at most so many items.
  static constexpr uint64_t kMaxBatch = 1 << 16;

  // `options` passed TableOptions' checks. T: `steps_of_chunk`. `seed`: of what it draws.
  // `first_generation`: the least of new items (replay/key.h).
  Table(const TableOptions& options, uint32_t steps_of_chunk, uint8_t shard, uint64_t seed,
        uint32_t first_generation = 1);
  ~Table();

  const TableOptions& options() const { return options_; }

  // ---- Inserts: one thread at a time (the store sees to it).

  // First come, first served: whoever is refused stands in a line, and is woken as its first.
  // 0: `items` may be inserted now, and nothing but another insert takes that back. Else a place in
  // the line: `wake` is called when to ask again, with this `ticket`. The place is kept, also by
  // who may insert, until CancelInsert. The rate limiter gives way to a batch that waits for
  // nothing but more items (max_times_sampled).
  WaitList::Ticket AwaitInsert(uint64_t items, const Wake& wake, WaitList::Ticket ticket = 0);
  // Gives up a place, before the insert or after; the Wake may run yet. False: there is none.
  bool CancelInsert(WaitList::Ticket ticket);

  // Adds items, each in place of one that the remover chooses once all slots are full. Takes over
  // the references of `windows`, which fit. `priorities`: one each, or none: the largest seen (1 at
  // first). They pass CheckPriorities. The caller runs what is left in `after`.
  void Insert(absl::Span<const Window> windows, absl::Span<const float> priorities,
              Aftermath* after);

  // INVALID_ARGUMENT, counted: one is negative, NaN or infinite.
  absl::Status CheckPriorities(absl::Span<const float> priorities);

  // ---- Samples.

  // INVALID_ARGUMENT: there can be no such batch: of 0 items, of more than kMaxBatch, or of more
  // than capacity * max_times_sampled.
  absl::Status CheckBatch(uint64_t items) const;

  // Fills `batch` with `items`, each drawn with replacement by P(i) of the sampler: the k-th within
  // its k-th part of `items` equal ones (Schaul et al. 2016, B.2.1), so P(i) is each item's share
  // of the batch on average. An item that reaches max_times_sampled leaves the table at once.
  // False: the rate limiter, or max_times_sampled, does not let a batch through.
  bool TrySample(uint64_t items, SampledBatch* batch);
  // The same; where that is false, `wake` is called when it may be tried again. 0: `batch` is
  // filled.
  WaitList::Ticket Sample(uint64_t items, SampledBatch* batch, const Wake& wake);
  bool CancelSample(WaitList::Ticket ticket);

  // ---- By key.

  // INVALID_ARGUMENT, and nothing is changed: unequal lengths, or CheckPriorities.
  absl::StatusOr<KeyCounts> UpdatePriorities(absl::Span<const uint64_t> keys,
                                             absl::Span<const float> priorities);
  KeyCounts Delete(absl::Span<const uint64_t> keys);

  // INVALID_ARGUMENT: no such limit, or a min_size above the capacity.
  absl::Status Configure(const RateLimit& limit);
  // RateLimiter::FreeSamples.
  void FreeSamples();

  TableStatus status() const;

  // The table at one moment: the lock is held for the copy alone. Faster into a snapshot that has
  // memory for it already.
  TableSnapshot RoomForSnapshot() const;
  void TakeSnapshot(TableSnapshot* snapshot) const;
  // Once, into a table that nothing was inserted into. INVALID_ARGUMENT: it does not fit; the table
  // is good for nothing then.
  absl::Status Restore(const TableSnapshot& snapshot);

 private:
  using Time = WaitList::Time;

  bool CanInsert(uint64_t items) const DROVER_REQUIRES(mutex_);
  bool CanSample(uint64_t items) const DROVER_REQUIRES(mutex_);
  bool HasSamples(uint64_t items) const DROVER_REQUIRES(mutex_);
  bool TrySample(uint64_t items, SampledBatch* batch, Aftermath* after) DROVER_REQUIRES(mutex_);
  void DrawAll(SampledBatch* batch) DROVER_REQUIRES(mutex_);
  void DrawEach(SampledBatch* batch, Aftermath* after) DROVER_REQUIRES(mutex_);
  void Take(const Draw& draw, size_t i, SampledBatch* batch) DROVER_REQUIRES(mutex_);

  // Slots for `items` new ones, into slots_to_fill_: free ones first. Returns how many are free.
  size_t MakeRoom(size_t items, Aftermath* after) DROVER_REQUIRES(mutex_);
  void Fill(uint32_t slot, const Window& window, float priority) DROVER_REQUIRES(mutex_);
  void Vacate(uint32_t slot, Aftermath* after) DROVER_REQUIRES(mutex_);
  void Remove(uint32_t slot, Aftermath* after) DROVER_REQUIRES(mutex_);
  // The slot of a key that is there; otherwise counts it.
  bool Find(uint64_t key, KeyCounts* counts, uint32_t* slot) DROVER_REQUIRES(mutex_);
  void WakeWhoCan(Aftermath* after) DROVER_REQUIRES(mutex_);

  const TableOptions options_;
  const uint32_t steps_of_chunk_;
  const uint8_t shard_;
  const uint32_t first_generation_;

  mutable Mutex mutex_;
  ZeroedArray<Slot> slots_ DROVER_GUARDED_BY(mutex_);
  std::vector<bool> of_this_life_ DROVER_GUARDED_BY(mutex_);  // by slot: it was filled anew
  uint32_t used_ DROVER_GUARDED_BY(mutex_) = 0;               // slots ever used: the first ones
  uint32_t first_free_ DROVER_GUARDED_BY(mutex_);             // of those; capacity: none
  uint64_t size_ DROVER_GUARDED_BY(mutex_) = 0;
  uint64_t samples_left_ DROVER_GUARDED_BY(mutex_) = 0;  // until all have max_times_sampled
  const std::unique_ptr<Selector> sampler_ DROVER_PT_GUARDED_BY(mutex_);
  const std::unique_ptr<Selector> remover_ DROVER_PT_GUARDED_BY(mutex_);
  RateLimiter limiter_ DROVER_GUARDED_BY(mutex_);
  bool configured_ DROVER_GUARDED_BY(mutex_) = false;  // its limit is no longer that of options_
  float max_priority_ DROVER_GUARDED_BY(mutex_) = 0;   // 0: none seen
  Random random_ DROVER_GUARDED_BY(mutex_);
  TableStatus counters_ DROVER_GUARDED_BY(mutex_);  // its counters alone
  WaitList inserters_ DROVER_GUARDED_BY(mutex_);
  WaitList samplers_ DROVER_GUARDED_BY(mutex_);
  // Used again and again.
  std::vector<uint32_t> slots_to_fill_ DROVER_GUARDED_BY(mutex_);
  std::vector<float> priorities_to_fill_ DROVER_GUARDED_BY(mutex_);
  std::vector<double> uniforms_ DROVER_GUARDED_BY(mutex_);
  std::vector<Draw> draws_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_REPLAY_TABLE_H_
