#include "replay/window.h"

#include <array>
#include <cstring>

namespace drover {
namespace {

// Copies values of `Bytes` each, a number that the compiler knows, side by side.
template <size_t Bytes>
void CopySmall(absl::Span<const char* const> sources, char* out) {
  for (const char* source : sources) {
    std::memcpy(out, source, Bytes);
    out += Bytes;
  }
}

void CopyValues(absl::Span<const char* const> sources, size_t bytes, char* out) {
  switch (bytes) {
    case 1:
      return CopySmall<1>(sources, out);
    case 4:
      return CopySmall<4>(sources, out);
    case 8:
      return CopySmall<8>(sources, out);
    default:
      break;
  }
  for (const char* source : sources) {
    std::memcpy(out, source, bytes);
    out += bytes;
  }
}

}  // namespace

bool Window::Fits(int32_t first_step, uint32_t steps_of_window, uint32_t steps_of_chunk) {
  const int64_t L = steps_of_window;
  const int64_t T = steps_of_chunk;
  return first_step > -L && first_step <= T - L;
}

bool Window::IsLinked(uint32_t steps_of_chunk) const {
  const Chunk* chunk = chunk_;
  for (int64_t step = first_step_; step < 0; step += steps_of_chunk) {
    if (environment_ >= chunk->environments()) return false;
    chunk = chunk->previous();
    if (chunk == nullptr) return false;
  }
  return environment_ < chunk->environments();
}

void Window::Acquire(uint32_t steps_of_chunk) const {
  const Chunk* chunk = chunk_;
  chunk->Ref();
  for (int64_t step = first_step_; step < 0; step += steps_of_chunk) {
    chunk = chunk->previous();
    chunk->Ref();
  }
}

void Window::Release(uint32_t steps_of_chunk) const {
  const Chunk* chunk = chunk_;
  for (int64_t step = first_step_; step < 0; step += steps_of_chunk) {
    const Chunk* previous = chunk->previous();  // before the chunk is gone
    chunk->Unref();
    chunk = previous;
  }
  chunk->Unref();
}

std::pair<const Chunk*, uint32_t> Window::Locate(int32_t step, uint32_t steps_of_chunk) const {
  const Chunk* chunk = chunk_;
  int64_t at = step;
  for (; at < 0; at += steps_of_chunk) chunk = chunk->previous();
  return {chunk, static_cast<uint32_t>(at)};
}

uint64_t Window::Version(uint32_t steps_of_chunk) const {
  const auto [chunk, step] = Locate(first_step_, steps_of_chunk);
  return chunk->VersionAt(step);
}

void WindowAssembler::FindFinals(absl::Span<const Window> windows,
                                 std::vector<Final>* finals) const {
  finals->clear();
  for (uint32_t step = 0; step < steps_; ++step) {
    for (uint32_t i = 0; i < windows.size(); ++i) {
      const Window& window = windows[i];
      const auto [chunk, at] =
          window.Locate(window.first_step() + static_cast<int32_t>(step), steps_of_chunk());
      if (chunk->finals().empty()) continue;
      if (chunk->FindFinal(at, window.environment()) >= 0) finals->push_back({step, i});
    }
  }
}

size_t WindowAssembler::Rows(size_t leaf) const {
  switch (layout_->leaf(leaf).rate()) {
    case Leaf::per_observation:
      return size_t{steps_} + 1;
    case Leaf::per_step:
      return steps_;
    case Leaf::per_unroll:
      return 1;
    default:
      return 0;
  }
}

size_t WindowAssembler::ColumnBytes(size_t leaf, size_t windows, size_t finals) const {
  const size_t rows = Rows(leaf);
  return (rows == 0 ? finals : rows * windows) * layout_->value_bytes(leaf);
}

void WindowAssembler::Assemble(absl::Span<const Window> windows, absl::Span<const Final> finals,
                               absl::Span<char* const> columns) const {
  for (size_t leaf = 0; leaf < layout_->leaves(); ++leaf) {
    if (Rows(leaf) == 0) {
      AssembleFinals(leaf, windows, finals, columns[leaf]);
    } else {
      AssembleDense(leaf, windows, columns[leaf]);
    }
  }
}

// Items lie all over memory. First the addresses of many, then their bytes: so the processor waits
// for them side by side, not one after the other.
void WindowAssembler::AssembleDense(size_t leaf, absl::Span<const Window> windows,
                                    char* out) const {
  constexpr size_t kBlock = 64;
  std::array<const char*, kBlock> sources;
  const size_t bytes = layout_->value_bytes(leaf);
  const bool per_unroll = layout_->leaf(leaf).rate() == Leaf::per_unroll;
  const auto rows = static_cast<int32_t>(Rows(leaf));
  for (int32_t row = 0; row < rows; ++row) {
    for (size_t first = 0; first < windows.size(); first += kBlock) {
      const absl::Span<const Window> block = windows.subspan(first, kBlock);
      for (size_t i = 0; i < block.size(); ++i) {
        const auto [chunk, step] = block[i].Locate(block[i].first_step() + row, steps_of_chunk());
        const size_t at = per_unroll ? 0 : size_t{step} * chunk->environments();
        sources[i] = chunk->column(leaf).data() + (at + block[i].environment()) * bytes;
        __builtin_prefetch(sources[i]);
      }
      CopyValues({sources.data(), block.size()}, bytes, out);
      out += block.size() * bytes;
    }
  }
}

void WindowAssembler::AssembleFinals(size_t leaf, absl::Span<const Window> windows,
                                     absl::Span<const Final> finals, char* out) const {
  const size_t bytes = layout_->value_bytes(leaf);
  for (const Final& final : finals) {
    const Window& window = windows[final.column];
    const auto [chunk, step] =
        window.Locate(window.first_step() + static_cast<int32_t>(final.step), steps_of_chunk());
    const auto row = static_cast<size_t>(chunk->FindFinal(step, window.environment()));
    std::memcpy(out, chunk->column(leaf).data() + row * bytes, bytes);
    out += bytes;
  }
}

}  // namespace drover
