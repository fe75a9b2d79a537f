#include "replay/checkpoint_format.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace drover {
namespace {

template <typename... Parts>
absl::Status Malformed(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

}  // namespace

// ---- Writing.

ChunkPlaces::ChunkPlaces(const StoreSnapshot& snapshot, uint32_t steps_of_chunk) {
  for (const TableSnapshot& table : snapshot.tables) {
    for (const Slot& slot : table.slots) {
      if (!slot.occupied()) continue;
      AddLinked(slot.window.chunk(), -int64_t{slot.window.first_step()}, steps_of_chunk);
    }
  }
  for (const StoreSnapshot::Writer& writer : snapshot.writers) {
    if (writer.tail.empty()) continue;
    const auto steps_before = static_cast<int64_t>((writer.tail.size() - 1) * steps_of_chunk);
    AddLinked(writer.tail.front().get(), steps_before, steps_of_chunk);
  }
}

void ChunkPlaces::Add(const Chunk* chunk) {
  if (!chunks_.empty() && chunks_.back() == chunk) return;  // items of a chunk lie side by side
  const auto place = static_cast<uint32_t>(chunks_.size());
  if (places_.try_emplace(chunk, Entry{place, 0}).second) chunks_.push_back(chunk);
}

void ChunkPlaces::AddLinked(const Chunk* chunk, int64_t steps_before, uint32_t steps_of_chunk) {
  Add(chunk);
  for (; steps_before > 0; steps_before -= steps_of_chunk) {
    const Chunk* previous = chunk->previous();
    Add(previous);
    places_.at(chunk).previous = 1 + Place(previous);
    chunk = previous;
  }
}

StoredChunk ToStored(const Chunk& chunk, uint32_t previous) {
  StoredChunk stored;
  stored.set_environments(chunk.environments());
  stored.set_previous(previous);
  Unrolls* unrolls = stored.mutable_unrolls();
  for (size_t leaf = 0; leaf < chunk.columns(); ++leaf) {
    unrolls->add_columns(std::string(chunk.column(leaf)));
  }
  for (const Final& final : chunk.finals()) {
    Position* position = unrolls->add_finals();
    position->set_step(final.step);
    position->set_environment(final.column);
  }
  unrolls->add_versions()->set_version(chunk.first_version());
  for (const Chunk::Run& later : chunk.later_versions()) {
    VersionRun* run = unrolls->add_versions();
    run->set_first_step(later.first_step);
    run->set_version(later.version);
  }
  return stored;
}

StoredTable ToStored(const TableSnapshot& table, const ChunkPlaces& places) {
  StoredTable stored;
  for (const Slot& slot : table.slots) {
    stored.add_chunk(slot.occupied() ? 1 + places.Place(slot.window.chunk()) : 0);
    stored.add_first_step(slot.window.first_step());
    stored.add_environment(slot.window.environment());
    stored.add_generation(slot.generation);
    stored.add_times_sampled(slot.times_sampled);
    stored.add_priority(slot.priority);
  }
  stored.mutable_order()->Add(table.order.begin(), table.order.end());
  stored.set_inserts(table.limiter.inserts);
  stored.set_samples(table.limiter.samples);
  stored.set_balance(table.limiter.balance);
  if (table.limit) {
    StoredLimit* limit = stored.mutable_limit();
    limit->set_min_size(table.limit->min_size);
    limit->set_samples_per_insert(table.limit->samples_per_insert);
    limit->set_min_diff(table.limit->min_diff);
    limit->set_max_diff(table.limit->max_diff);
  }
  stored.set_max_priority(table.max_priority);
  stored.set_evicted(table.evicted);
  stored.set_sampled_out(table.sampled_out);
  stored.set_deleted(table.deleted);
  stored.set_random_position(table.random.position);
  stored.set_random_stride(table.random.stride);
  return stored;
}

StoredWriter ToStored(const StoreSnapshot::Writer& writer, const ChunkPlaces& places) {
  StoredWriter stored;
  stored.set_member(writer.member);
  stored.set_epoch(writer.epoch);
  stored.set_last_sequence(writer.last_sequence);
  stored.set_environments(writer.environments);
  for (const ChunkRef& chunk : writer.tail) stored.add_tail(places.Place(chunk.get()));
  return stored;
}

// ---- Reading.

ChunkReader::ChunkReader(const UnrollLayout& layout, const ChunkLayout* chunk_layout)
    : validator_(layout, /*actions=*/0), chunk_layout_(chunk_layout) {}

absl::Status ChunkReader::Add(StoredChunk* stored) {
  DROVER_RETURN_IF_ERROR(validator_.CheckColumns(stored->unrolls(), stored->environments()));
  chunks_.push_back(Chunk::Make(stored->mutable_unrolls(), stored->environments(), chunk_layout_));
  previous_.push_back(stored->previous());
  return absl::OkStatus();
}

absl::Status ChunkReader::LinkAll() {
  for (size_t i = 0; i < chunks_.size(); ++i) {
    if (previous_[i] == 0) continue;
    if (previous_[i] > chunks_.size()) return Malformed("a link to chunk ", previous_[i]);
    chunks_[i].Link(chunks_[previous_[i] - 1].get());
  }
  return absl::OkStatus();
}

absl::StatusOr<ChunkRef> ChunkReader::At(uint32_t place) const {
  if (place >= chunks_.size()) return Malformed("chunk ", place, " of ", chunks_.size());
  return chunks_[place];
}

absl::Status ChunkReader::Read(const StoredTable& stored, uint32_t steps,
                               TableSnapshot* table) const {
  const int slots = stored.chunk_size();
  for (const int size :
       {stored.first_step_size(), stored.environment_size(), stored.generation_size(),
        stored.times_sampled_size(), stored.priority_size()}) {
    if (size != slots) return Malformed(size, " values for ", slots, " slots");
  }
  table->slots.reserve(static_cast<size_t>(slots));
  for (int i = 0; i < slots; ++i) {
    Slot slot;
    if (stored.chunk(i) != 0) {
      DROVER_ASSIGN_OR_RETURN(const ChunkRef chunk, At(stored.chunk(i) - 1));
      slot.window = Window(chunk.get(), stored.environment(i), stored.first_step(i));
      const bool fits = Window::Fits(stored.first_step(i), steps, steps_of_chunk());
      if (!fits || !slot.window.IsLinked(steps_of_chunk()))
        return Malformed("a window of no chunk");
      slot.window.Acquire(steps_of_chunk());
    }
    slot.generation = stored.generation(i);
    slot.times_sampled = stored.times_sampled(i);
    slot.priority = stored.priority(i);
    table->slots.push_back(slot);
  }
  table->order.assign(stored.order().begin(), stored.order().end());
  table->limiter = {stored.inserts(), stored.samples(), stored.balance()};
  if (stored.has_limit()) {
    const StoredLimit& limit = stored.limit();
    table->limit = {limit.min_size(), limit.samples_per_insert(), limit.min_diff(),
                    limit.max_diff()};
  }
  table->max_priority = stored.max_priority();
  table->evicted = stored.evicted();
  table->sampled_out = stored.sampled_out();
  table->deleted = stored.deleted();
  table->random = {stored.random_position(), stored.random_stride()};
  return absl::OkStatus();
}

absl::Status ChunkReader::Read(const StoredWriter& stored, StoreSnapshot::Writer* writer) const {
  writer->member = stored.member();
  writer->epoch = stored.epoch();
  writer->last_sequence = stored.last_sequence();
  writer->environments = stored.environments();
  for (int i = 0; i < stored.tail_size(); ++i) {
    DROVER_ASSIGN_OR_RETURN(const ChunkRef chunk, At(stored.tail(i)));
    const bool linked = i == 0 || writer->tail.back()->previous() == chunk.get();
    if (!linked || chunk->environments() != stored.environments()) {
      return Malformed("a writer whose chunks are not one after the other");
    }
    writer->tail.push_back(chunk);
  }
  return absl::OkStatus();
}

}  // namespace drover
