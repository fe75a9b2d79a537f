#ifndef DROVER_REPLAY_CHUNK_H_
#define DROVER_REPLAY_CHUNK_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "proto/trajectory.pb.h"

namespace drover {

// How many chunks there are and how much memory they take.
struct ChunkTally {
  std::atomic<uint64_t> chunks{0};
  std::atomic<uint64_t> payload_bytes{0};
};

// Where a row of the sparse leaves belongs.
struct Final {
  uint32_t step = 0;
  uint32_t column = 0;  // environment of a chunk, or window of a batch
};

// The steps of one Unrolls message: T of each of a writer's E environments, in the columns as they
// came (UnrollLayout says how they look). Never changed, never copied; made
// by new, freed with its last ChunkRef or Window.
class Chunk {
 public:
  // Takes the columns, finals and versions out of `unrolls`, which passed UnrollValidator.
  // `previous`: the same writer's chunk of the T steps before; null: there is none, or it is gone.
  // The chunk does not keep it: whoever needs both holds both (Window). `tally`, which may be null,
  // outlives it.
  Chunk(Unrolls* unrolls, uint32_t environments, const Chunk* previous, ChunkTally* tally);
  ~Chunk();
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;

  // Before anybody else has it: as if `previous` had been given at first.
  void Link(const Chunk* previous) { previous_ = previous; }

  uint32_t environments() const { return environments_; }  // E
  const Chunk* previous() const { return previous_; }
  const std::string& column(size_t leaf) const { return columns_[leaf]; }
  size_t columns() const { return columns_.size(); }
  // By step, then environment.
  const std::vector<Final>& finals() const { return finals_; }
  // Row of the sparse leaves that is the final of an environment's step; -1: there is none.
  int64_t FindFinal(uint32_t step, uint32_t environment) const;
  // (first step, version) of the weights that acted, ascending from step 0.
  const std::vector<std::pair<uint32_t, uint64_t>>& versions() const { return versions_; }
  uint64_t VersionAt(uint32_t step) const;

  size_t payload_bytes() const;  // of all columns

 private:
  friend class ChunkRef;
  friend class Window;

  void Ref() const { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() const {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  mutable std::atomic<uint32_t> references_{0};
  const uint32_t environments_;
  const Chunk* previous_;
  ChunkTally* const tally_;
  std::vector<std::string> columns_;
  std::vector<Final> finals_;
  std::vector<std::pair<uint32_t, uint64_t>> versions_;
};

// Keeps a chunk. 8 bytes. Different ones may be used from different threads.
class ChunkRef {
 public:
  ChunkRef() = default;
  explicit ChunkRef(const Chunk* chunk) : chunk_(chunk) {
    if (chunk_ != nullptr) chunk_->Ref();
  }
  ChunkRef(const ChunkRef& other) : ChunkRef(other.chunk_) {}
  ChunkRef(ChunkRef&& other) noexcept : chunk_(std::exchange(other.chunk_, nullptr)) {}
  ChunkRef& operator=(ChunkRef other) noexcept {
    std::swap(chunk_, other.chunk_);
    return *this;
  }
  ~ChunkRef() {
    if (chunk_ != nullptr) chunk_->Unref();
  }

  const Chunk* get() const { return chunk_; }
  const Chunk* operator->() const { return chunk_; }
  explicit operator bool() const { return chunk_ != nullptr; }

 private:
  const Chunk* chunk_ = nullptr;
};

}  // namespace drover

#endif  // DROVER_REPLAY_CHUNK_H_
