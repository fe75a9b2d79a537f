#include "replay/chunk.h"

#include <algorithm>

namespace drover {

Chunk::Chunk(Unrolls* unrolls, uint32_t environments, const Chunk* previous, ChunkTally* tally)
    : environments_(environments), previous_(previous), tally_(tally) {
  columns_.reserve(static_cast<size_t>(unrolls->columns_size()));
  for (std::string& column : *unrolls->mutable_columns()) columns_.push_back(std::move(column));
  unrolls->clear_columns();
  finals_.reserve(static_cast<size_t>(unrolls->finals_size()));
  for (const Position& at : unrolls->finals()) finals_.push_back({at.step(), at.environment()});
  versions_.reserve(static_cast<size_t>(unrolls->versions_size()));
  for (const VersionRun& run : unrolls->versions()) {
    versions_.emplace_back(run.first_step(), run.version());
  }
  if (tally_ == nullptr) return;
  tally_->chunks += 1;
  tally_->payload_bytes += payload_bytes();
}

Chunk::~Chunk() {
  if (tally_ == nullptr) return;
  tally_->chunks -= 1;
  tally_->payload_bytes -= payload_bytes();
}

int64_t Chunk::FindFinal(uint32_t step, uint32_t environment) const {
  const auto before = [](const Final& a, const Final& b) {
    return a.step != b.step ? a.step < b.step : a.column < b.column;
  };
  const Final wanted{step, environment};
  const auto found = std::lower_bound(finals_.begin(), finals_.end(), wanted, before);
  const bool there = found != finals_.end() && !before(wanted, *found);
  return there ? found - finals_.begin() : -1;
}

uint64_t Chunk::VersionAt(uint32_t step) const {
  uint64_t version = 0;
  for (const auto& [first_step, acted] : versions_) {
    if (first_step <= step) version = acted;
  }
  return version;
}

size_t Chunk::payload_bytes() const {
  size_t bytes = 0;
  for (const std::string& column : columns_) bytes += column.size();
  return bytes;
}

}  // namespace drover
