#ifndef DROVER_REPLAY_CHUNK_H_
#define DROVER_REPLAY_CHUNK_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/unroll_layout.h"
#include "proto/trajectory.pb.h"

namespace drover {

// What the chunks of a store have in common: where each leaf's column lies in one, how many there
// are, and how much memory they take. It outlives them.
class ChunkLayout {
 public:
  explicit ChunkLayout(const UnrollLayout& layout);

  size_t columns() const { return columns_.size(); }
  uint64_t chunks() const { return chunks_; }
  uint64_t payload_bytes() const { return payload_bytes_; }

 private:
  friend class Chunk;

  // So many bytes for each environment, and so many for each final.
  struct Bytes {
    size_t environment = 0;
    size_t final = 0;

    size_t Of(size_t environments, size_t finals) const {
      return environments * environment + finals * final;
    }
  };
  struct Column {
    Bytes begin;  // of the columns before it
    Bytes size;
  };

  size_t steps_;
  std::vector<Column> columns_;
  Bytes payload_;  // of all columns
  mutable std::atomic<uint64_t> chunks_{0};
  mutable std::atomic<uint64_t> payload_bytes_{0};
};

// Where a row of the sparse leaves belongs.
struct Final {
  uint32_t step = 0;
  uint32_t column = 0;  // environment of a chunk, or window of a batch
};

class ChunkRef;

// The steps of one Unrolls message: T of each of a writer's E environments, in the columns as they
// came (UnrollLayout says how they look). Never changed; freed with its last ChunkRef or Window.
//
// One piece of memory, for there may be millions: 32 bytes, then the finals and the versions but
// the first, which most chunks lack, then the columns. Large ones are not copied but stay the
// strings that came, where enough steps share what these take.
class Chunk {
 public:
  // From step `first_step` on, to the next run.
  struct Run {
    uint32_t first_step = 0;
    uint64_t version = 0;
  };

  // Takes the columns out of `unrolls`, which passed UnrollValidator.
  static ChunkRef Make(Unrolls* unrolls, uint32_t environments, const ChunkLayout* layout);
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;

  uint32_t environments() const { return environments_; }  // E
  // The same writer's chunk of the T steps before; null: there is none. It may be gone: whoever
  // needs both holds both (Window).
  const Chunk* previous() const { return previous_; }

  size_t columns() const { return layout_->columns(); }
  absl::string_view column(size_t leaf) const {
    const ChunkLayout::Column& column = layout_->columns_[leaf];
    if (moved_) return strings()[leaf];
    const size_t finals = marked_ ? marks()->finals : 0;
    return {data() + column.begin.Of(environments_, finals), column.size.Of(environments_, finals)};
  }
  size_t payload_bytes() const;  // of all columns

  // By step, then environment.
  absl::Span<const Final> finals() const;
  // Row of the sparse leaves that is the final of an environment's step; -1: there is none.
  int64_t FindFinal(uint32_t step, uint32_t environment) const;
  // Of the weights that acted.
  uint64_t VersionAt(uint32_t step) const;
  uint64_t first_version() const { return first_version_; }
  absl::Span<const Run> later_versions() const;  // ascending

 private:
  friend class ChunkRef;
  friend class Window;

  // How many follow, where there are any.
  struct Marks {
    uint32_t finals;
    uint32_t runs;

    size_t bytes() const {  // with all of them
      return sizeof(Marks) + finals * sizeof(Final) + runs * sizeof(Run);
    }
  };

  Chunk(uint32_t environments, const ChunkLayout* layout, uint64_t first_version, bool marked,
        bool moved)
      : environments_(environments),
        marked_(marked ? 1 : 0),
        moved_(moved ? 1 : 0),
        layout_(layout),
        first_version_(first_version) {}
  ~Chunk() = default;

  void Ref() const { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() const {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) Free();
  }
  void Free() const;

  const char* end() const { return reinterpret_cast<const char*>(this + 1); }
  const Marks* marks() const { return reinterpret_cast<const Marks*>(end()); }
  const char* data() const { return end() + (marked_ ? marks()->bytes() : 0); }
  const std::string* strings() const { return reinterpret_cast<const std::string*>(data()); }

  mutable std::atomic<uint32_t> references_{0};
  const uint32_t environments_ : 30;
  const uint32_t marked_ : 1;  // Marks follow
  const uint32_t moved_ : 1;   // then strings, not their bytes
  const Chunk* previous_ = nullptr;
  const ChunkLayout* const layout_;
  const uint64_t first_version_;
};
static_assert(sizeof(Chunk) == 32);

// Keeps a chunk. 8 bytes. Different ones may be used from different threads.
class ChunkRef {
 public:
  ChunkRef() = default;
  ChunkRef(const ChunkRef& other) : ChunkRef(other.chunk_) {}
  ChunkRef(ChunkRef&& other) noexcept : chunk_(std::exchange(other.chunk_, nullptr)) {}
  ChunkRef& operator=(ChunkRef other) noexcept {
    std::swap(chunk_, other.chunk_);
    return *this;
  }
  ~ChunkRef() {
    if (chunk_ != nullptr) chunk_->Unref();
  }

  // Says what Chunk::previous is, before any other thread knows of the chunk.
  void Link(const Chunk* previous) { chunk_->previous_ = previous; }

  const Chunk* get() const { return chunk_; }
  const Chunk* operator->() const { return chunk_; }
  explicit operator bool() const { return chunk_ != nullptr; }

 private:
  friend class Chunk;

  explicit ChunkRef(Chunk* chunk) : chunk_(chunk) {
    if (chunk_ != nullptr) chunk_->Ref();
  }

  Chunk* chunk_ = nullptr;
};

}  // namespace drover

#endif  // DROVER_REPLAY_CHUNK_H_
