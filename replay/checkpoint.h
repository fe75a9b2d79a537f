#ifndef DROVER_REPLAY_CHECKPOINT_H_
#define DROVER_REPLAY_CHECKPOINT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "replay/store.h"

// Checkpoints of a store: directories <root>/<number>/, numbers ascending, each written beside its
// place, synced and moved there when it is whole. Its manifest holds the size and CRC-32C of every
// file. All calls may block on the disk; one process writes at a time.
namespace drover {

struct StoreCheckpointReport {
  std::string path;
  uint64_t items = 0;
  uint64_t bytes = 0;
  double seconds = 0;          // in all
  double blocked_seconds = 0;  // in which inserts had to wait
};

// Takes a snapshot of `store` and writes it; then removes all but the `keep` newest.
// `spec_hash`: of the run. RESOURCE_EXHAUSTED: disk full, what was there before is as it was.
absl::StatusOr<StoreCheckpointReport> WriteStoreCheckpoint(const Store& store, uint64_t spec_hash,
                                                           const std::string& root, size_t keep);

// Fills a store that is still empty with the newest good one below `root`, and returns its path;
// damaged ones are logged and left out. NOT_FOUND: there is none. DATA_LOSS: there are some, and
// all are damaged. FAILED_PRECONDITION: it is of another spec, or of other tables.
absl::StatusOr<std::string> RestoreNewestStoreCheckpoint(const std::string& root,
                                                         uint64_t spec_hash, Store* store);

}  // namespace drover

#endif  // DROVER_REPLAY_CHECKPOINT_H_
