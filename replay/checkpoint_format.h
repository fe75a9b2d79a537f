#ifndef DROVER_REPLAY_CHECKPOINT_FORMAT_H_
#define DROVER_REPLAY_CHECKPOINT_FORMAT_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/unroll_validator.h"
#include "proto/replay_checkpoint.pb.h"
#include "replay/chunk.h"
#include "replay/store_snapshot.h"

// Between a store's snapshot and the messages of its checkpoint.
namespace drover {

// The chunks that a snapshot keeps, each once, in places 0, 1, 2, …
class ChunkPlaces {
 public:
  // T: steps of a chunk.
  ChunkPlaces(const StoreSnapshot& snapshot, uint32_t steps_of_chunk);

  const std::vector<const Chunk*>& chunks() const { return chunks_; }
  uint32_t Place(const Chunk* chunk) const { return places_.at(chunk).place; }
  // For StoredChunk.previous. A chunk's own link may lead to one that is gone, unless an item or a
  // writer that keeps both says so.
  uint32_t Previous(const Chunk* chunk) const { return places_.at(chunk).previous; }

 private:
  struct Entry {
    uint32_t place;
    uint32_t previous;  // 1 + its place; 0: none
  };

  void Add(const Chunk* chunk);
  void AddLinked(const Chunk* chunk, int64_t steps_before, uint32_t steps_of_chunk);

  std::vector<const Chunk*> chunks_;
  absl::flat_hash_map<const Chunk*, Entry> places_;
};

StoredChunk ToStored(const Chunk& chunk, uint32_t previous);
StoredTable ToStored(const TableSnapshot& table, const ChunkPlaces& places);
StoredWriter ToStored(const StoreSnapshot::Writer& writer, const ChunkPlaces& places);

// Back from a file, which may say anything: INVALID_ARGUMENT unless it fits. Chunks come one after
// the other in the order of their places; LinkAll() once all are there.
class ChunkReader {
 public:
  // `chunk_layout` is that of `layout` and outlives it.
  ChunkReader(const UnrollLayout& layout, const ChunkLayout* chunk_layout);

  absl::Status Add(StoredChunk* stored);
  absl::Status LinkAll();

  absl::StatusOr<ChunkRef> At(uint32_t place) const;
  // `steps`: L of the table that it is for.
  absl::Status Read(const StoredTable& stored, uint32_t steps, TableSnapshot* table) const;
  absl::Status Read(const StoredWriter& stored, StoreSnapshot::Writer* writer) const;

 private:
  uint32_t steps_of_chunk() const { return static_cast<uint32_t>(validator_.layout().steps()); }

  const UnrollValidator validator_;
  const ChunkLayout* const chunk_layout_;
  std::vector<ChunkRef> chunks_;
  std::vector<uint32_t> previous_;  // StoredChunk.previous of each
};

}  // namespace drover

#endif  // DROVER_REPLAY_CHECKPOINT_FORMAT_H_
