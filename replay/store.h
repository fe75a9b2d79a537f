#ifndef DROVER_REPLAY_STORE_H_
#define DROVER_REPLAY_STORE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/mutex.h"
#include "common/unroll_layout.h"
#include "proto/trajectory.pb.h"
#include "replay/chunk.h"
#include "replay/episode_log.h"
#include "replay/store_snapshot.h"
#include "replay/table.h"
#include "replay/table_options.h"

namespace drover {

// Items of one table that a message brings: item i starts at step first_steps[i] of environment
// environments[i]. The arrays belong to the caller and stay until the message is stored.
struct NewItems {
  size_t table = 0;  // index in StoreOptions.tables; each at most once in a message
  absl::Span<const uint32_t> environments;
  absl::Span<const int32_t> first_steps;
  absl::Span<const float> priorities;  // one each, or none: the largest seen
};

// A message on its way into the store.
struct Insertion {
  uint64_t member = 0;
  uint64_t epoch = 0;
  uint32_t environments = 0;  // E
  // Passed UnrollValidator. Its columns become the chunk, at the first try.
  std::unique_ptr<Unrolls> unrolls;
  ChunkRef chunk;
  std::vector<NewItems> items;
};

struct StoreOptions {
  UnrollLayout layout;
  std::vector<TableOptions> tables;  // one or more; names differ
  uint64_t max_frames = 0;
  uint8_t shard = 0;  // index of this server
  uint64_t seed = 1;
  uint64_t life = 0;  // of the server, another than those before: FirstGeneration()
};

// What a writer is told when it comes.
struct Greeting {
  uint64_t last_sequence = 0;  // the highest that counts, of this member; 0: none
  uint64_t frames = 0;
};

struct StoreCounters {
  uint64_t frames = 0;          // environment steps accepted, a checkpoint's included
  uint64_t messages = 0;        // accepted
  uint64_t repeated = 0;        // messages received before
  uint64_t late = 0;            // messages past max_frames
  uint64_t rejected = 0;        // messages of NaN or infinite values
  uint64_t refused = 0;         // messages with items or priorities that cannot be
  uint64_t missing = 0;         // sequence numbers that count nothing: rejected, or lost under way
  uint64_t unlinked_items = 0;  // dropped: the steps before their message are not here
  uint64_t payload_bytes = 0;   // of the columns in memory now
  uint64_t chunks = 0;          // in memory now
};

// All tables of one replay server, and what belongs to all: which messages of which writer it has,
// frames, episodes. A message is stored whole, in every table that it names, or not at all; each
// frame counts once and none past max_frames.
//
// All calls are thread-safe and none waits. Inserts take the store's lock and then a table's, one
// after the other; samples, updates and deletes go to the table and never take the store's.
class Store {
 public:
  // INVALID_ARGUMENT: no table, two of one name, or one that TableOptions::Check refuses.
  static absl::StatusOr<std::unique_ptr<Store>> Make(StoreOptions options);
  ~Store();

  const UnrollLayout& layout() const { return options_.layout; }
  uint8_t shard() const { return options_.shard; }
  size_t tables() const { return tables_.size(); }
  Table& table(size_t i) const { return *tables_[i]; }
  // NOT_FOUND, naming those there are.
  absl::StatusOr<size_t> FindTable(absl::string_view name) const;

  // A stream of a writer begins. What it sent before is linked to what it sends now if it comes in
  // the same epoch and goes on with last_sequence + 1.
  Greeting Greet(uint64_t member, uint64_t epoch);

  enum class Verdict {
    kStored,
    kRepeated,  // received before: ignored, acknowledge it again
    kLate,      // it does not fit into max_frames: ignored
    kWaiting,   // a rate limiter holds it back: Wake is called when to try again, with this ticket
  };
  // A place in the line of the table that it waits for. A message of several tables stands in one
  // line at a time.
  struct Ticket {
    size_t table = 0;
    WaitList::Ticket ticket = 0;  // 0: in no line
  };
  // A writer's messages come one at a time, in order: the next one after kWaiting has become
  // something else. Items whose window starts in steps that are no longer linked (after a message
  // that was lost or rejected) are dropped and counted.
  // INVALID_ARGUMENT, and nothing is stored: an item that is not -(L-1) <= first_step <= T - L, no
  // such table or environment, a table named twice, arrays of unequal length, more items for a
  // table than its capacity, a bad priority. FAILED_PRECONDITION: a newer epoch of the member has
  // greeted.
  absl::StatusOr<Verdict> Insert(Insertion* insertion, const Wake& wake, Ticket* ticket);
  // As Table::CancelInsert. Not needed once Insert has said something else than kWaiting.
  bool CancelInsert(const Ticket& ticket);

  // Instead of Insert, for a message of NaN or infinite values: its sequence counts as received,
  // its frames do not. False: it was received before.
  bool Reject(uint64_t member, uint64_t epoch, uint64_t sequence);

  // Forgets what links the messages of writers that are not among `members`; what they wrote and
  // their sequences stay.
  void KeepWriters(const std::set<uint64_t>& members);

  // Without a lock: whether no message as large as the last one fits into max_frames.
  // From then on a rate limiter holds no sample back: there will be no inserts to wait for.
  bool budget_spent() const { return budget_spent_.load(); }
  uint64_t frames() const { return frames_.load(); }
  uint64_t life() const { return options_.life; }
  uint64_t first_frames() const { return first_frames_.load(); }  // of what was restored
  StoreCounters counters() const;

  // Training episodes that ended in stored messages.
  EpisodeLog& episodes() { return episodes_; }

  // Everything at one moment. Inserts wait meanwhile, and each table while it is copied.
  StoreSnapshot Snapshot() const;
  // Once, into a store that nobody has used. INVALID_ARGUMENT: it does not fit this store; that is
  // good for nothing then.
  absl::Status Restore(const StoreSnapshot& snapshot);

  // For those who make chunks that it will hold.
  const ChunkLayout* chunk_layout() const { return &chunk_layout_; }

 private:
  // What one member has sent.
  struct Writer {
    uint64_t epoch = 0;
    uint64_t last_sequence = 0;
    uint32_t environments = 0;
    std::deque<ChunkRef> tail;  // its last chunks, the newest first: what windows may reach back to
  };

  explicit Store(StoreOptions options);

  absl::StatusOr<Verdict> TryInsert(Insertion* insertion, const Wake& wake, Ticket* ticket);
  void FreeSamples();
  void RestoreWriters(const StoreSnapshot& snapshot) DROVER_EXCLUDES(mutex_);
  absl::Status CheckItems(const Insertion& insertion) const;
  absl::Status Join(Writer* writer, uint64_t epoch) DROVER_REQUIRES(mutex_);
  // Items of `items` that reach back no further than `linked` steps before their message.
  uint64_t CountLinked(const NewItems& items, uint64_t linked) const;
  void Commit(Insertion* insertion, Writer* writer, Table::Aftermath* after)
      DROVER_REQUIRES(mutex_);
  void InsertItems(const NewItems& items, const Chunk* chunk, uint64_t linked,
                   Table::Aftermath* after) DROVER_REQUIRES(mutex_);

  uint32_t steps() const { return static_cast<uint32_t>(options_.layout.steps()); }  // T

  const StoreOptions options_;
  size_t most_tail_ = 0;  // chunks that windows may reach back to
  EpisodeLog episodes_;
  std::atomic<uint64_t> frames_{0};
  std::atomic<uint64_t> first_frames_{0};
  std::atomic<bool> budget_spent_{false};  // for good
  std::atomic<bool> samples_free_{false};
  std::atomic<uint64_t> refused_{0};
  const ChunkLayout chunk_layout_;  // outlives the tables
  std::vector<std::unique_ptr<Table>> tables_;

  mutable Mutex mutex_;
  std::map<uint64_t, Writer> writers_ DROVER_GUARDED_BY(mutex_);
  StoreCounters counters_ DROVER_GUARDED_BY(mutex_);
  std::vector<Window> windows_ DROVER_GUARDED_BY(mutex_);  // used again and again
  std::vector<float> priorities_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_REPLAY_STORE_H_
