#ifndef DROVER_REPLAY_WINDOW_H_
#define DROVER_REPLAY_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "common/unroll_layout.h"
#include "replay/chunk.h"

namespace drover {

// L consecutive steps of one environment: steps first_step … first_step + L - 1 of a chunk, where
// step -1 is the last one of the chunk before it, and so on back. It keeps all chunks that hold its
// steps, so overlapping windows store each step once. 16 bytes, as plain memory of a table's slot:
// who owns it calls Acquire() and Release().
class Window {
 public:
  Window() = default;
  Window(const Chunk* chunk, uint32_t environment, int32_t first_step)
      : chunk_(chunk), first_step_(first_step), environment_(environment) {}

  // Whether L steps from `first_step` on end in a chunk of T, and at least one of them lies in it:
  //   -(L-1) <= first_step <= T - L.
  static bool Fits(int32_t first_step, uint32_t steps_of_window, uint32_t steps_of_chunk);
  // Whether every chunk that it reaches back to is linked and has its environment. Those that are
  // linked are alive, held by who asks.
  bool IsLinked(uint32_t steps_of_chunk) const;

  // One reference to each chunk that holds its steps (T: `steps_of_chunk`).
  void Acquire(uint32_t steps_of_chunk) const;
  void Release(uint32_t steps_of_chunk) const;

  const Chunk* chunk() const { return chunk_; }
  int32_t first_step() const { return first_step_; }
  uint32_t environment() const { return environment_; }

  // The chunk that step `step` (relative to chunk()) lies in, and which of its steps it is.
  std::pair<const Chunk*, uint32_t> Locate(int32_t step, uint32_t steps_of_chunk) const;
  // Of the weights that acted its first step.
  uint64_t Version(uint32_t steps_of_chunk) const;

 private:
  const Chunk* chunk_ = nullptr;
  int32_t first_step_ = 0;
  uint32_t environment_ = 0;
};

// Copies windows side by side into time-major columns: what Unrolls.columns would look like with
// T = L steps and E = B environments, leaf by leaf of the layout:
//   per observation [L+1, B, …], per step [L, B, …], per unroll [B, …], sparse [K, …].
// A value per unroll is that of the unroll in which the window starts.
// Stateless: any thread, no lock needed, since chunks never change.
class WindowAssembler {
 public:
  // `layout` outlives it. `steps`: L.
  WindowAssembler(const UnrollLayout* layout, uint32_t steps) : layout_(layout), steps_(steps) {}

  // Where the K rows of sparse leaves belong, by step, then window: the episodes that were
  // truncated inside.
  void FindFinals(absl::Span<const Window> windows, std::vector<Final>* finals) const;

  size_t ColumnBytes(size_t leaf, size_t windows, size_t finals) const;

  // Fills columns[i], ColumnBytes() each, for all leaves. `finals` are those of FindFinals().
  void Assemble(absl::Span<const Window> windows, absl::Span<const Final> finals,
                absl::Span<char* const> columns) const;

 private:
  uint32_t steps_of_chunk() const { return static_cast<uint32_t>(layout_->steps()); }
  size_t Rows(size_t leaf) const;  // of a window; 0: the leaf is sparse
  void AssembleDense(size_t leaf, absl::Span<const Window> windows, char* out) const;
  void AssembleFinals(size_t leaf, absl::Span<const Window> windows, absl::Span<const Final> finals,
                      char* out) const;

  const UnrollLayout* const layout_;
  const uint32_t steps_;
};

}  // namespace drover

#endif  // DROVER_REPLAY_WINDOW_H_
