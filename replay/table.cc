#include "replay/table.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/status_macros.h"
#include "replay/key.h"

namespace drover {
namespace {

WaitList::Time Now() { return std::chrono::steady_clock::now(); }

bool IsPriority(float priority) { return std::isfinite(priority) && priority >= 0; }

Blocked BlockedNow(const WaitList& waiting) {
  const WaitList::Time now = Now();
  return {waiting.size(), waiting.meter().CurrentSeconds(now), waiting.meter().TotalSeconds(now)};
}

}  // namespace

KeyCounts& KeyCounts::operator+=(const KeyCounts& other) {
  applied += other.applied;
  stale += other.stale;
  unknown += other.unknown;
  return *this;
}

Table::Table(const TableOptions& options, uint32_t steps_of_chunk, uint8_t shard, uint64_t seed,
             uint32_t first_generation)
    : options_(options),
      steps_of_chunk_(steps_of_chunk),
      shard_(shard),
      first_generation_(first_generation),
      slots_(options.capacity),
      of_this_life_(options.capacity),
      first_free_(options.capacity),
      sampler_(MakeSelector(options.sampler, options.priority_exponent, options.capacity)),
      remover_(MakeSelector(options.remover, options.priority_exponent, options.capacity)),
      limiter_(options.rate_limit),
      random_({seed, shard}) {}

Table::~Table() {
  MutexLock lock(&mutex_);
  for (uint32_t slot = 0; slot < used_; ++slot) {
    if (slots_[slot].occupied()) slots_[slot].window.Release(steps_of_chunk_);
  }
}

void Table::Aftermath::Run(uint32_t steps_of_chunk) const {
  for (const Window& window : released) window.Release(steps_of_chunk);
  for (const Wake& wake : wakes) wake();
}

void Table::WakeWhoCan(Aftermath* after) {
  if (inserters_.size() > 0 && CanInsert(inserters_.items(0))) {
    if (Wake wake = inserters_.CallFirst()) after->wakes.push_back(std::move(wake));
  }
  for (size_t i = 0; i < samplers_.size();) {
    if (CanSample(samplers_.items(i))) {
      after->wakes.push_back(samplers_.Take(i, Now()));
    } else {
      ++i;
    }
  }
}

// ---- Inserts.

bool Table::CanInsert(uint64_t items) const {
  if (limiter_.CanInsert(items, size_)) return true;
  for (size_t i = 0; i < samplers_.size(); ++i) {
    const uint64_t batch = samplers_.items(i);
    if (!HasSamples(batch) && limiter_.CanSample(batch, size_)) return true;
  }
  return false;
}

WaitList::Ticket Table::AwaitInsert(uint64_t items, const Wake& wake, WaitList::Ticket ticket) {
  MutexLock lock(&mutex_);
  const bool first = inserters_.size() == 0 || inserters_.IsFirst(ticket);
  if (first && CanInsert(items)) return 0;
  return inserters_.Stay(ticket, items, wake) ? ticket : inserters_.Add(items, wake, Now());
}

bool Table::CancelInsert(WaitList::Ticket ticket) {
  Aftermath after;
  bool there;
  {
    MutexLock lock(&mutex_);
    there = inserters_.Cancel(ticket, Now());
    if (there) WakeWhoCan(&after);
  }
  after.Run(steps_of_chunk_);
  return there;
}

void Table::Insert(absl::Span<const Window> windows, absl::Span<const float> priorities,
                   Aftermath* after) {
  DROVER_CHECK(windows.size() <= options_.capacity);
  MutexLock lock(&mutex_);
  for (const float priority : priorities) max_priority_ = std::max(max_priority_, priority);
  if (priorities.empty()) {
    if (max_priority_ == 0) max_priority_ = 1;
    priorities_to_fill_.assign(windows.size(), max_priority_);
    priorities = priorities_to_fill_;
  }
  const size_t free = MakeRoom(windows.size(), after);
  for (size_t i = 0; i < windows.size(); ++i) Fill(slots_to_fill_[i], windows[i], priorities[i]);
  const auto slots = absl::MakeConstSpan(slots_to_fill_);
  sampler_->InsertAll(slots.subspan(0, free), priorities.subspan(0, free));
  sampler_->ReplaceAll(slots.subspan(free), priorities.subspan(free));
  remover_->InsertAll(slots, priorities);
  limiter_.Inserted(windows.size());
  WakeWhoCan(after);
}

size_t Table::MakeRoom(size_t items, Aftermath* after) {
  slots_to_fill_.clear();
  for (; slots_to_fill_.size() < items && first_free_ < options_.capacity;
       first_free_ = slots_[first_free_].next_free) {
    slots_to_fill_.push_back(first_free_);
  }
  for (; slots_to_fill_.size() < items && used_ < options_.capacity; ++used_) {
    slots_[used_].generation = NextGeneration(0);
    slots_to_fill_.push_back(used_);
  }
  const size_t free = slots_to_fill_.size();
  while (slots_to_fill_.size() < items) {
    const uint32_t slot = remover_->Sample(random_.Uniform()).slot;
    remover_->Erase(slot);  // the sampler forgets it as it takes in the new one
    Vacate(slot, after);
    ++counters_.evicted;
    slots_to_fill_.push_back(slot);
  }
  return free;
}

void Table::Fill(uint32_t slot, const Window& window, float priority) {
  Slot& item = slots_[slot];
  item.window = window;
  if (!of_this_life_[slot]) {
    of_this_life_[slot] = true;
    if (!SameLife(item.generation, first_generation_)) item.generation = first_generation_;
  }
  item.times_sampled = 0;
  item.priority = priority;
  ++size_;
  samples_left_ += options_.max_times_sampled;
}

void Table::Vacate(uint32_t slot, Aftermath* after) {
  Slot& item = slots_[slot];
  after->released.push_back(item.window);
  item.window = Window();
  item.generation = NextGeneration(item.generation);
  --size_;
  if (options_.max_times_sampled > 0) {
    samples_left_ -= options_.max_times_sampled - item.times_sampled;
  }
}

void Table::Remove(uint32_t slot, Aftermath* after) {
  sampler_->Erase(slot);
  remover_->Erase(slot);
  Vacate(slot, after);
  slots_[slot].next_free = first_free_;
  first_free_ = slot;
}

// ---- Samples.

absl::Status Table::CheckBatch(uint64_t items) const {
  const uint64_t drawable = uint64_t{options_.capacity} * options_.max_times_sampled;
  const uint64_t most = drawable == 0 ? kMaxBatch : std::min(kMaxBatch, drawable);
  if (items > 0 && items <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a batch of ", items, " items of table \"",
                                                 options_.name, "\"; allowed is 1 to ", most));
}

bool Table::HasSamples(uint64_t items) const {
  return options_.max_times_sampled == 0 || samples_left_ >= items;
}

bool Table::CanSample(uint64_t items) const {
  return HasSamples(items) && limiter_.CanSample(items, size_);
}

bool Table::TrySample(uint64_t items, SampledBatch* batch) {
  batch->Clear();
  Aftermath after;
  bool sampled;
  {
    MutexLock lock(&mutex_);
    sampled = TrySample(items, batch, &after);
  }
  after.Run(steps_of_chunk_);
  return sampled;
}

WaitList::Ticket Table::Sample(uint64_t items, SampledBatch* batch, const Wake& wake) {
  batch->Clear();
  Aftermath after;
  WaitList::Ticket ticket = 0;
  {
    MutexLock lock(&mutex_);
    if (!TrySample(items, batch, &after)) {
      ticket = samplers_.Add(items, wake, Now());
      WakeWhoCan(&after);
    }
  }
  after.Run(steps_of_chunk_);
  return ticket;
}

bool Table::CancelSample(WaitList::Ticket ticket) {
  MutexLock lock(&mutex_);
  return samplers_.Cancel(ticket, Now());
}

bool Table::TrySample(uint64_t items, SampledBatch* batch, Aftermath* after) {
  if (!CanSample(items)) return false;
  batch->table_size = size_;
  batch->table_mass = sampler_->mass();
  batch->windows.resize(items);
  batch->keys.resize(items);
  batch->probabilities.resize(items);
  batch->priorities.resize(items);
  batch->times_sampled.resize(items);
  if (options_.max_times_sampled == 0) {
    DrawAll(batch);
  } else {
    DrawEach(batch, after);
  }
  limiter_.Sampled(items);
  WakeWhoCan(after);
  return true;
}

// What is drawn lies all over memory: fetched ahead, slots first, then their chunks' counts.
void Table::DrawAll(SampledBatch* batch) {
  const size_t items = batch->items();
  uniforms_.resize(items);
  draws_.resize(items);
  const double part = 1.0 / static_cast<double>(items);
  for (size_t k = 0; k < items; ++k) {
    uniforms_[k] = (static_cast<double>(k) + random_.Uniform()) * part;
  }
  sampler_->SampleAll(uniforms_, absl::MakeSpan(draws_));
  for (const Draw& draw : draws_) __builtin_prefetch(&slots_[draw.slot], 1);
  for (const Draw& draw : draws_) __builtin_prefetch(slots_[draw.slot].window.chunk(), 1);
  for (size_t i = 0; i < items; ++i) Take(draws_[i], i, batch);
}

// One by one, since each may be the last of its item.
void Table::DrawEach(SampledBatch* batch, Aftermath* after) {
  for (size_t i = 0; i < batch->items(); ++i) {
    const Draw draw = sampler_->Sample(random_.Uniform());
    Take(draw, i, batch);
    --samples_left_;
    if (batch->times_sampled[i] < options_.max_times_sampled) continue;
    Remove(draw.slot, after);
    ++counters_.sampled_out;
  }
}

void Table::Take(const Draw& draw, size_t i, SampledBatch* batch) {
  Slot& item = slots_[draw.slot];
  item.window.Acquire(steps_of_chunk_);
  batch->windows[i] = item.window;
  batch->keys[i] = Key{shard_, item.generation, draw.slot}.bits();
  batch->probabilities[i] = draw.probability;
  batch->priorities[i] = item.priority;
  batch->times_sampled[i] = ++item.times_sampled;
}

// ---- By key.

absl::Status Table::CheckPriorities(absl::Span<const float> priorities) {
  for (const float priority : priorities) {
    if (IsPriority(priority)) continue;
    MutexLock lock(&mutex_);
    ++counters_.refused_updates;
    return absl::InvalidArgumentError(absl::StrCat("a priority of ", priority, " for table \"",
                                                   options_.name,
                                                   "\"; it must be finite and at least 0"));
  }
  return absl::OkStatus();
}

bool Table::Find(uint64_t bits, KeyCounts* counts, uint32_t* slot) {
  const Key key = Key::FromBits(bits);
  if (key.shard != shard_ || key.slot >= options_.capacity) {
    ++counts->unknown;
    return false;
  }
  const Slot& item = slots_[key.slot];
  if (!item.occupied() || item.generation != key.generation) {
    ++counts->stale;
    return false;
  }
  ++counts->applied;
  *slot = key.slot;
  return true;
}

absl::StatusOr<KeyCounts> Table::UpdatePriorities(absl::Span<const uint64_t> keys,
                                                  absl::Span<const float> priorities) {
  if (keys.size() != priorities.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(keys.size(), " keys and ", priorities.size(), " priorities"));
  }
  if (absl::Status status = CheckPriorities(priorities); !status.ok()) return status;
  KeyCounts counts;
  MutexLock lock(&mutex_);
  slots_to_fill_.clear();
  priorities_to_fill_.clear();
  for (const uint64_t key : keys) {
    const uint32_t slot = Key::FromBits(key).slot;
    if (slot < options_.capacity) __builtin_prefetch(&slots_[slot], 1);
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    uint32_t slot;
    if (!Find(keys[i], &counts, &slot)) continue;
    slots_[slot].priority = priorities[i];
    max_priority_ = std::max(max_priority_, priorities[i]);
    slots_to_fill_.push_back(slot);
    priorities_to_fill_.push_back(priorities[i]);
  }
  sampler_->UpdateAll(slots_to_fill_, priorities_to_fill_);
  remover_->UpdateAll(slots_to_fill_, priorities_to_fill_);
  counters_.updates += counts.applied;
  counters_.stale_keys += counts.stale;
  counters_.unknown_keys += counts.unknown;
  return counts;
}

KeyCounts Table::Delete(absl::Span<const uint64_t> keys) {
  KeyCounts counts;
  Aftermath after;
  {
    MutexLock lock(&mutex_);
    for (const uint64_t key : keys) {
      uint32_t slot;
      if (Find(key, &counts, &slot)) Remove(slot, &after);
    }
    counters_.deleted += counts.applied;
    counters_.stale_keys += counts.stale;
    counters_.unknown_keys += counts.unknown;
    WakeWhoCan(&after);
  }
  after.Run(steps_of_chunk_);
  return counts;
}

absl::Status Table::Configure(const RateLimit& limit) {
  if (absl::Status status = options_.CheckLimit(limit); !status.ok()) return status;
  Aftermath after;
  {
    MutexLock lock(&mutex_);
    limiter_.Change(limit);
    configured_ = true;
    WakeWhoCan(&after);
  }
  after.Run(steps_of_chunk_);
  return absl::OkStatus();
}

void Table::FreeSamples() {
  Aftermath after;
  {
    MutexLock lock(&mutex_);
    limiter_.FreeSamples();
    WakeWhoCan(&after);
  }
  after.Run(steps_of_chunk_);
}

// ---- As a whole.

TableStatus Table::status() const {
  MutexLock lock(&mutex_);
  TableStatus status = counters_;
  status.size = size_;
  status.mass = sampler_->mass();
  status.max_priority = max_priority_;
  status.limiter = limiter_.state();
  status.limit = limiter_.limit();
  status.insert = BlockedNow(inserters_);
  status.sample = BlockedNow(samplers_);
  return status;
}

TableSnapshot Table::RoomForSnapshot() const {
  TableSnapshot snapshot(steps_of_chunk_);
  size_t used;
  {
    MutexLock lock(&mutex_);
    used = used_;
  }
  snapshot.slots.resize(used);  // not reserve(): the pages are to be there
  snapshot.order.resize(used);
  return snapshot;
}

void Table::TakeSnapshot(TableSnapshot* snapshot) const {
  MutexLock lock(&mutex_);
  snapshot->slots.assign(slots_.data(), slots_.data() + used_);
  for (const Slot& slot : snapshot->slots) {
    if (slot.occupied()) slot.window.Acquire(steps_of_chunk_);
  }
  sampler_->Order(&snapshot->order);
  if (snapshot->order.empty()) remover_->Order(&snapshot->order);
  snapshot->limiter = limiter_.state();
  if (configured_) snapshot->limit = limiter_.limit();
  snapshot->max_priority = max_priority_;
  snapshot->evicted = counters_.evicted;
  snapshot->sampled_out = counters_.sampled_out;
  snapshot->deleted = counters_.deleted;
  snapshot->random = random_.state();
}

absl::Status Table::Restore(const TableSnapshot& snapshot) {
  const auto bad = [&](const char* what) {
    return absl::InvalidArgumentError(absl::StrCat("table \"", options_.name, "\": ", what));
  };
  if (snapshot.slots.size() > options_.capacity) return bad("more slots than its capacity");
  if (!std::isfinite(snapshot.limiter.balance)) return bad("a balance that is none");
  if (!IsPriority(snapshot.max_priority)) return bad("a priority that is none");
  if (snapshot.limit) DROVER_RETURN_IF_ERROR(options_.CheckLimit(*snapshot.limit));
  MutexLock lock(&mutex_);
  DROVER_CHECK(used_ == 0);
  used_ = static_cast<uint32_t>(snapshot.slots.size());
  for (uint32_t slot = used_; slot-- > 0;) {
    slots_[slot] = snapshot.slots[slot];
    Slot& item = slots_[slot];
    item.window = Window();
    if (snapshot.slots[slot].occupied()) continue;
    item.next_free = first_free_;
    first_free_ = slot;
  }
  std::vector<uint32_t> items;
  for (uint32_t slot = 0; slot < used_; ++slot) {
    const bool known =
        slots_[slot].generation > 0 && slots_[slot].generation <= Key::kMaxGeneration;
    if (!known) return bad("a slot of no generation");
    if (snapshot.slots[slot].occupied()) items.push_back(slot);
  }
  const std::vector<uint32_t>& order = snapshot.order.empty() ? items : snapshot.order;
  for (const uint32_t slot : order) {
    const bool there = slot < used_ && snapshot.slots[slot].occupied();
    if (!there || slots_[slot].occupied()) return bad("an order that is not of its items");
    const Slot& saved = snapshot.slots[slot];
    const bool used_up = saved.times_sampled >= options_.max_times_sampled;
    if (options_.max_times_sampled > 0 && used_up) return bad("an item sampled too often");
    if (!IsPriority(saved.priority)) return bad("a priority that is none");
    saved.window.Acquire(steps_of_chunk_);
    Fill(slot, saved.window, saved.priority);
    slots_[slot].generation = saved.generation;
    of_this_life_[slot] = false;
    slots_[slot].times_sampled = saved.times_sampled;
    if (options_.max_times_sampled > 0) samples_left_ -= saved.times_sampled;
    sampler_->Insert(slot, static_cast<double>(saved.priority));
    remover_->Insert(slot, static_cast<double>(saved.priority));
  }
  if (size_ != items.size()) return bad("an order that is not of its items");
  limiter_.Restore(snapshot.limiter);
  if (snapshot.limit) limiter_.Change(*snapshot.limit);
  configured_ = snapshot.limit.has_value();
  max_priority_ = snapshot.max_priority;
  counters_.evicted = snapshot.evicted;
  counters_.sampled_out = snapshot.sampled_out;
  counters_.deleted = snapshot.deleted;
  random_ = Random(snapshot.random);
  return absl::OkStatus();
}

}  // namespace drover
