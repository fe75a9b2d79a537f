#ifndef DROVER_CLIENT_REPLAY_SAMPLER_H_
#define DROVER_CLIENT_REPLAY_SAMPLER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client/identity.h"
#include "client/priority_updater.h"
#include "client/replay_batch.h"
#include "client/sample_stream.h"
#include "common/mutex.h"
#include "common/random.h"
#include "common/unroll_layout.h"
#include "common/wait_meter.h"
#include "proto/replay.pb.h"

namespace drover {

// The learner's side of a replay table that is spread over several servers
// (shards): batches of B items, asked for ahead of time, and new priorities.
//
// A batch's items are divided among the shards in proportion to their masses
// as heard last (client/shard_split.h), so item i of shard s is drawn with
// probability q(s) · P(i | s); that product is what a ReplayBatch says, with
// the q really used. N is the number of items in all shards.
//
// Servers come and go: what one that died owes is asked of the others, and one
// that comes back gets its part again. While none has items, it waits.
//
// One thread takes batches; everything else is safe from any thread.
class ReplaySampler final : private SampleStream::Owner {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    IdentityFn identity;
    std::vector<PeerFn> servers;           // by shard; one or more
    const UnrollLayout* layout = nullptr;  // outlives it
    uint64_t spec_hash = 0;
    std::string table;
    size_t steps = 0;     // L of the table
    size_t batch = 0;     // B
    size_t prefetch = 2;  // batches asked for ahead, in all; 1 or more
    uint64_t seed = 1;    // of how batches are divided
    PulseLimits limits;
  };

  // Totals since the start, unless said.
  struct Counters {
    uint64_t batches = 0;      // taken
    uint64_t connections = 0;  // Welcomes received
    bool met_all = false;      // each server has answered, ever
    uint64_t asked_anew = 0;   // items of servers that died, of others
    uint64_t frames = 0;       // environment steps received by all servers, as heard last
    uint64_t lost_frames = 0;  // that servers no longer knew of when they came back
    uint64_t items = 0;        // N, as heard last
    bool drained = false;      // no server takes any more
    uint64_t episodes = 0;     // that were told
    double wait_seconds = 0;   // Next: without a batch
    double wait_current = 0;   // > 0: it waits now, for so long, however often it asked
    PriorityUpdater::Counters priorities;
  };

  explicit ReplaySampler(Options options);  // starts to connect
  ~ReplaySampler() override;                // as Stop()
  ReplaySampler(const ReplaySampler&) = delete;
  ReplaySampler& operator=(const ReplaySampler&) = delete;

  // The next batch takes the place of `*batch`, whose memory is used again.
  // DEADLINE_EXCEEDED: none yet, ask again; CANCELLED: Stop() was called; any other error: a
  // server will never serve this learner, and says why.
  absl::Status Next(ReplayBatch* batch, Clock::time_point deadline) DROVER_EXCLUDES(mutex_);

  // New priorities, finite and 0 or more, of items by key; each goes to its shard, in the
  // background. Unknown shards' keys are left out.
  void Update(const std::vector<uint64_t>& keys, const std::vector<float>& priorities);
  // Waits until they have arrived, or were dropped; false: not by the deadline.
  bool FlushUpdates(Clock::time_point deadline);

  // Episodes that ended since the last call, of all servers, the oldest first; at most 65536 are
  // kept.
  std::vector<Episode> TakeEpisodes() DROVER_EXCLUDES(mutex_);

  void Stop() DROVER_EXCLUDES(mutex_);
  Counters counters() const DROVER_EXCLUDES(mutex_);

 private:
  // A batch on its way.
  struct Building {
    Building(const UnrollLayout* layout, size_t steps, size_t items)
        : builder(layout, steps, items) {}
    ReplayBatchBuilder builder;
    size_t missing = 0;  // items
    uint64_t total = 0;  // N, when it was asked for
  };
  // What one shard owes of it.
  struct Part {
    size_t shard = 0;
    std::shared_ptr<Building> batch;
    ReplayBatchBuilder::Part items;
  };
  struct Shard {
    bool connected = false;
    TableState table;   // as heard last; empty without a connection
    uint64_t life = 0;  // of the server
    uint64_t frames = 0;
    bool met = false;      // it has answered, ever
    bool drained = false;  // for good: whoever wrote to it was told
  };
  using Requests = std::vector<std::pair<size_t, SampleRequest>>;  // by shard

  void OnConnected(size_t shard, const SampleWelcome& welcome) override;
  void OnDisconnected(size_t shard) override;
  void OnProgress(size_t shard, const ReplayProgress& progress) override;
  absl::Status OnBatch(size_t shard, const SampleBatch& head,
                       google::protobuf::io::CodedInputStream* columns) override;
  void OnOver(const absl::Status& status) override;

  void Note(size_t shard, const ReplayProgress& progress) DROVER_REQUIRES(mutex_);
  // Asks for what is missing; Send() sends it, without the lock.
  Requests Plan() DROVER_REQUIRES(mutex_);
  void Ask(const std::shared_ptr<Building>& batch, size_t first, size_t count,
           const std::vector<double>& masses, Requests* requests) DROVER_REQUIRES(mutex_);
  void Send(const Requests& requests);
  std::shared_ptr<Building> TakeComplete() DROVER_REQUIRES(mutex_);
  uint64_t Items() const DROVER_REQUIRES(mutex_);
  void End(const absl::Status& status) DROVER_EXCLUDES(mutex_);

  const Options options_;
  std::vector<std::unique_ptr<PriorityUpdater>> updaters_;  // by shard

  mutable Mutex mutex_;
  CondVar changed_;
  Random random_ DROVER_GUARDED_BY(mutex_);
  std::vector<Shard> shards_ DROVER_GUARDED_BY(mutex_);
  std::deque<std::shared_ptr<Building>> building_ DROVER_GUARDED_BY(mutex_);  // prefetch at most
  std::vector<std::shared_ptr<Building>> spare_ DROVER_GUARDED_BY(mutex_);
  std::map<uint64_t, Part> asked_ DROVER_GUARDED_BY(mutex_);  // by tag
  std::vector<Part> orphans_ DROVER_GUARDED_BY(mutex_);  // of servers that died, to ask others for
  uint64_t next_tag_ DROVER_GUARDED_BY(mutex_) = 1;
  std::deque<Episode> episodes_ DROVER_GUARDED_BY(mutex_);
  WaitMeter waits_ DROVER_GUARDED_BY(mutex_);
  bool waiting_ DROVER_GUARDED_BY(mutex_) = false;  // also between two Nexts
  absl::Status status_ DROVER_GUARDED_BY(mutex_);   // not OK: the end for good
  Counters counters_ DROVER_GUARDED_BY(mutex_);

  std::vector<std::unique_ptr<SampleStream>> streams_;  // last: their threads use all of the above
};

}  // namespace drover

#endif  // DROVER_CLIENT_REPLAY_SAMPLER_H_
