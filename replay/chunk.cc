#include "replay/chunk.h"

#include <google/protobuf/repeated_field.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "common/check.h"

namespace drover {
namespace {

// Below, bytes are copied within a processor's cache; a string a leaf takes some 50 bytes.
constexpr size_t kLargeBytes = 128 << 10;
constexpr size_t kStepsALeaf = 6;

// The version from step 0 on; what follows goes to `later`.
uint64_t TakeFirst(const google::protobuf::RepeatedPtrField<VersionRun>& versions,
                   std::vector<Chunk::Run>* later) {
  uint64_t first = 0;
  for (const VersionRun& run : versions) {
    if (run.first_step() == 0) {
      first = run.version();
    } else {
      later->push_back({run.first_step(), run.version()});
    }
  }
  return first;
}

void Append(const void* bytes, size_t size, char** at) {
  if (size > 0) std::memcpy(*at, bytes, size);
  *at += size;
}

}  // namespace

ChunkLayout::ChunkLayout(const UnrollLayout& layout) : steps_(layout.steps()) {
  for (size_t i = 0; i < layout.leaves(); ++i) {
    const size_t value = layout.value_bytes(i);
    const Bytes size{layout.Values(i, 1, 0) * value, layout.Values(i, 0, 1) * value};
    columns_.push_back({payload_, size});
    payload_.environment += size.environment;
    payload_.final += size.final;
  }
}

ChunkRef Chunk::Make(Unrolls* unrolls, uint32_t environments, const ChunkLayout* layout) {
  google::protobuf::RepeatedPtrField<std::string> columns;
  columns.Swap(unrolls->mutable_columns());
  std::vector<Run> runs;
  const uint64_t first_version = TakeFirst(unrolls->versions(), &runs);
  const Marks marks{static_cast<uint32_t>(unrolls->finals_size()),
                    static_cast<uint32_t>(runs.size())};
  const bool marked = marks.finals > 0 || marks.runs > 0;
  const size_t payload = layout->payload_.Of(environments, marks.finals);
  const size_t steps = layout->steps_ * environments;
  const bool moved = payload >= kLargeBytes && steps >= kStepsALeaf * layout->columns();
  const size_t more =
      (marked ? marks.bytes() : 0) + (moved ? layout->columns() * sizeof(std::string) : payload);

  void* const memory = ::operator new(sizeof(Chunk) + more);
  auto* const chunk = new (memory) Chunk(environments, layout, first_version, marked, moved);
  char* at = reinterpret_cast<char*>(chunk + 1);
  if (marked) Append(&marks, sizeof(marks), &at);
  for (const Position& position : unrolls->finals()) {
    const Final final{position.step(), position.environment()};
    Append(&final, sizeof(final), &at);
  }
  Append(runs.data(), runs.size() * sizeof(Run), &at);
  for (size_t leaf = 0; leaf < layout->columns(); ++leaf) {
    std::string& column = columns[static_cast<int>(leaf)];
    DROVER_CHECK(column.size() == layout->columns_[leaf].size.Of(environments, marks.finals));
    if (!moved) {
      Append(column.data(), column.size(), &at);
      continue;
    }
    new (at) std::string(std::move(column));
    at += sizeof(std::string);
  }
  layout->chunks_ += 1;
  layout->payload_bytes_ += payload;
  return ChunkRef(chunk);
}

void Chunk::Free() const {
  layout_->chunks_ -= 1;
  layout_->payload_bytes_ -= payload_bytes();
  if (moved_) std::destroy_n(const_cast<std::string*>(strings()), columns());
  auto* memory = const_cast<Chunk*>(this);
  memory->~Chunk();
  ::operator delete(memory);
}

absl::Span<const Final> Chunk::finals() const {
  if (!marked_) return {};
  return {reinterpret_cast<const Final*>(marks() + 1), marks()->finals};
}

absl::Span<const Chunk::Run> Chunk::later_versions() const {
  if (!marked_) return {};
  return {reinterpret_cast<const Run*>(finals().end()), marks()->runs};
}

int64_t Chunk::FindFinal(uint32_t step, uint32_t environment) const {
  const auto before = [](const Final& a, const Final& b) {
    return a.step != b.step ? a.step < b.step : a.column < b.column;
  };
  const Final wanted{step, environment};
  const absl::Span<const Final> all = finals();
  const auto found = std::lower_bound(all.begin(), all.end(), wanted, before);
  const bool there = found != all.end() && !before(wanted, *found);
  return there ? found - all.begin() : -1;
}

uint64_t Chunk::VersionAt(uint32_t step) const {
  uint64_t version = first_version_;
  for (const Run& run : later_versions()) {
    if (run.first_step <= step) version = run.version;
  }
  return version;
}

size_t Chunk::payload_bytes() const { return layout_->payload_.Of(environments_, finals().size()); }

}  // namespace drover
