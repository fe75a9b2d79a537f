#ifndef DROVER_REPLAY_CHUNK_H_
#define DROVER_REPLAY_CHUNK_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "proto/trajectory.pb.h"

namespace drover {

// The steps of one Unrolls message: T of each of a writer's E environments, in the columns as they
// came (UnrollLayout says how they look). Never changed, never copied; freed with its last
// ChunkRef.
class Chunk {
 public:
  // Takes the columns, finals and versions out of `unrolls`, which passed UnrollValidator.
  // `previous`: the same writer's chunk of the T steps before; null: there is none, or it is gone.
  // The chunk does not keep it: whoever needs both holds both (Window).
  Chunk(Unrolls* unrolls, uint32_t environments, const Chunk* previous);
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;

  uint32_t environments() const { return environments_; }  // E
  const Chunk* previous() const { return previous_; }
  const std::string& column(size_t leaf) const { return columns_[leaf]; }
  // Where rows of sparse leaves belong, by step, then environment.
  const std::vector<std::pair<uint32_t, uint32_t>>& finals() const { return finals_; }
  // (first step, version) of the weights that acted, ascending from step 0.
  const std::vector<std::pair<uint32_t, uint64_t>>& versions() const { return versions_; }
  uint64_t VersionAt(uint32_t step) const;

  // Bytes of all columns, and of all the chunk takes.
  size_t payload_bytes() const;
  size_t total_bytes() const;

 private:
  friend class ChunkRef;
  friend class Window;

  void Ref() const { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() const;

  mutable std::atomic<uint32_t> references_{0};
  const uint32_t environments_;
  const Chunk* const previous_;
  std::vector<std::string> columns_;
  std::vector<std::pair<uint32_t, uint32_t>> finals_;
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
