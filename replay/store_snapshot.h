#ifndef DROVER_REPLAY_STORE_SNAPSHOT_H_
#define DROVER_REPLAY_STORE_SNAPSHOT_H_

#include <cstdint>
#include <vector>

#include "replay/chunk.h"
#include "replay/table_snapshot.h"

namespace drover {

// A store at one moment. It keeps the chunks.
struct StoreSnapshot {
  struct Writer {
    uint64_t member = 0;
    uint64_t epoch = 0;
    uint64_t last_sequence = 0;
    uint32_t environments = 0;
    std::vector<ChunkRef> tail;  // its last chunks, the newest first
  };

  uint64_t frames = 0;
  uint64_t messages = 0;
  uint64_t missing = 0;
  std::vector<Writer> writers;
  std::vector<TableSnapshot> tables;  // by index
  double blocked_seconds = 0;         // in which inserts waited for it
};

}  // namespace drover

#endif  // DROVER_REPLAY_STORE_SNAPSHOT_H_
