#include "replay/store.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/check.h"
#include "common/status_macros.h"
#include "replay/key.h"

namespace drover {
namespace {

bool IsLinked(int32_t first_step, uint64_t linked) {
  return first_step >= 0 || static_cast<uint64_t>(-int64_t{first_step}) <= linked;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Make(StoreOptions options) {
  if (options.tables.empty()) return absl::InvalidArgumentError("a replay server without a table");
  std::set<std::string> names;
  for (const TableOptions& table : options.tables) {
    DROVER_RETURN_IF_ERROR(table.Check());
    if (!names.insert(table.name).second) {
      return absl::InvalidArgumentError(absl::StrCat("two tables \"", table.name, "\""));
    }
  }
  return absl::WrapUnique(new Store(std::move(options)));
}

Store::Store(StoreOptions options) : options_(std::move(options)), chunk_layout_(options_.layout) {
  for (size_t i = 0; i < options_.tables.size(); ++i) {
    const TableOptions& table = options_.tables[i];
    most_tail_ = std::max<size_t>(most_tail_, (table.steps - 1 + steps() - 1) / steps());
    tables_.push_back(std::make_unique<Table>(table, steps(), options_.shard, options_.seed + i,
                                              FirstGeneration(options_.life)));
  }
}

Store::~Store() = default;

absl::StatusOr<size_t> Store::FindTable(absl::string_view name) const {
  std::vector<std::string> names;
  for (size_t i = 0; i < options_.tables.size(); ++i) {
    if (options_.tables[i].name == name) return i;
    names.push_back(options_.tables[i].name);
  }
  return absl::NotFoundError(
      absl::StrCat("no table \"", name, "\"; there are: ", absl::StrJoin(names, ", ")));
}

Greeting Store::Greet(uint64_t member, uint64_t epoch) {
  MutexLock lock(&mutex_);
  Writer& writer = writers_[member];
  Join(&writer, epoch).IgnoreError();  // an older one is told as soon as it sends
  return {writer.last_sequence, frames()};
}

absl::Status Store::Join(Writer* writer, uint64_t epoch) {
  if (epoch < writer->epoch) {
    return absl::FailedPreconditionError(
        absl::StrCat("epoch ", epoch, " of a writer whose epoch is ", writer->epoch));
  }
  if (epoch > writer->epoch) writer->tail.clear();
  writer->epoch = epoch;
  return absl::OkStatus();
}

absl::StatusOr<Store::Verdict> Store::Insert(Insertion* insertion, const Wake& wake,
                                             Ticket* ticket) {
  const Ticket before = *ticket;
  absl::StatusOr<Verdict> verdict = TryInsert(insertion, wake, ticket);
  if (!verdict.ok() || *verdict != Verdict::kWaiting) *ticket = {};
  const bool stays = before.table == ticket->table && before.ticket == ticket->ticket;
  if (before.ticket != 0 && !stays) CancelInsert(before);
  if (budget_spent()) FreeSamples();
  return verdict;
}

// Inserts that samples would have to wait for do not come any more, while other servers go on.
void Store::FreeSamples() {
  if (samples_free_.exchange(true)) return;
  for (const auto& table : tables_) table->FreeSamples();
}

absl::StatusOr<Store::Verdict> Store::TryInsert(Insertion* insertion, const Wake& wake,
                                                Ticket* ticket) {
  if (absl::Status status = CheckItems(*insertion); !status.ok()) {
    ++refused_;
    return status;
  }
  // Without the lock, since it copies.
  if (!insertion->chunk) {
    insertion->chunk =
        Chunk::Make(insertion->unrolls.get(), insertion->environments, &chunk_layout_);
  }
  const uint64_t sequence = insertion->unrolls->sequence();
  const uint64_t message_frames = uint64_t{steps()} * insertion->environments;
  Table::Aftermath after;
  {
    MutexLock lock(&mutex_);
    Writer& writer = writers_[insertion->member];
    DROVER_RETURN_IF_ERROR(Join(&writer, insertion->epoch));
    if (sequence <= writer.last_sequence) {
      ++counters_.repeated;
      return Verdict::kRepeated;
    }
    if (frames_ + message_frames > options_.max_frames) {
      ++counters_.late;
      budget_spent_ = true;
      return Verdict::kLate;
    }
    const bool goes_on =
        sequence == writer.last_sequence + 1 && insertion->environments == writer.environments;
    if (!goes_on) writer.tail.clear();
    const uint64_t linked = writer.tail.size() * steps();
    for (const NewItems& items : insertion->items) {
      const uint64_t count = CountLinked(items, linked);
      if (count == 0) continue;
      const WaitList::Ticket held = ticket->table == items.table ? ticket->ticket : 0;
      const WaitList::Ticket waits = table(items.table).AwaitInsert(count, wake, held);
      if (waits == 0) continue;
      *ticket = {items.table, waits};
      return Verdict::kWaiting;
    }
    Commit(insertion, &writer, &after);
  }
  after.Run(steps());
  return Verdict::kStored;
}

absl::Status Store::CheckItems(const Insertion& insertion) const {
  const auto bad = [](const auto&... parts) {
    return absl::InvalidArgumentError(absl::StrCat(parts...));
  };
  std::vector<bool> named(tables_.size());
  for (const NewItems& items : insertion.items) {
    if (items.table >= tables_.size()) return bad("no table ", items.table);
    const TableOptions& options = options_.tables[items.table];
    if (named[items.table]) return bad("table \"", options.name, "\" twice in a message");
    named[items.table] = true;
    const size_t count = items.environments.size();
    const size_t priorities = items.priorities.size();
    if (items.first_steps.size() != count || (priorities != 0 && priorities != count)) {
      return bad(count, " environments, ", items.first_steps.size(), " first steps and ",
                 priorities, " priorities for table \"", options.name, "\"");
    }
    if (count > options.capacity) {
      return bad(count, " items for table \"", options.name, "\" of capacity ", options.capacity);
    }
    for (size_t i = 0; i < count; ++i) {
      if (items.environments[i] >= insertion.environments ||
          !Window::Fits(items.first_steps[i], options.steps, steps())) {
        return bad("an item of ", options.steps, " steps from step ", items.first_steps[i],
                   " of environment ", items.environments[i], "; a message has ", steps(),
                   " steps of ", insertion.environments);
      }
    }
    DROVER_RETURN_IF_ERROR(tables_[items.table]->CheckPriorities(items.priorities));
  }
  return absl::OkStatus();
}

uint64_t Store::CountLinked(const NewItems& items, uint64_t linked) const {
  const auto count =
      std::count_if(items.first_steps.begin(), items.first_steps.end(),
                    [&](int32_t first_step) { return IsLinked(first_step, linked); });
  return static_cast<uint64_t>(count);
}

void Store::Commit(Insertion* insertion, Writer* writer, Table::Aftermath* after) {
  Unrolls& unrolls = *insertion->unrolls;
  const uint64_t linked = writer->tail.size() * steps();
  const Chunk* previous = writer->tail.empty() ? nullptr : writer->tail.front().get();
  ChunkRef chunk = std::move(insertion->chunk);
  chunk.Link(previous);
  for (const NewItems& items : insertion->items) InsertItems(items, chunk.get(), linked, after);
  counters_.missing += unrolls.sequence() - writer->last_sequence - 1;
  writer->last_sequence = unrolls.sequence();
  writer->environments = insertion->environments;
  writer->tail.push_front(chunk);
  if (writer->tail.size() > most_tail_) writer->tail.pop_back();
  for (const Episode& episode : unrolls.episodes()) {
    episodes_.Add(episode.return_(), episode.length());
  }
  ++counters_.messages;
  const uint64_t message_frames = uint64_t{steps()} * insertion->environments;
  frames_ += message_frames;
  if (frames_ + message_frames > options_.max_frames) budget_spent_ = true;
}

void Store::InsertItems(const NewItems& items, const Chunk* chunk, uint64_t linked,
                        Table::Aftermath* after) {
  windows_.clear();
  priorities_.clear();
  for (size_t i = 0; i < items.first_steps.size(); ++i) {
    if (!IsLinked(items.first_steps[i], linked)) {
      ++counters_.unlinked_items;
      continue;
    }
    windows_.emplace_back(chunk, items.environments[i], items.first_steps[i]);
    windows_.back().Acquire(steps());
    if (!items.priorities.empty()) priorities_.push_back(items.priorities[i]);
  }
  if (!windows_.empty()) table(items.table).Insert(windows_, priorities_, after);
}

bool Store::CancelInsert(const Ticket& ticket) {
  return table(ticket.table).CancelInsert(ticket.ticket);
}

bool Store::Reject(uint64_t member, uint64_t epoch, uint64_t sequence) {
  MutexLock lock(&mutex_);
  Writer& writer = writers_[member];
  if (!Join(&writer, epoch).ok() || sequence <= writer.last_sequence) {
    ++counters_.repeated;
    return false;
  }
  writer.tail.clear();
  counters_.missing += sequence - writer.last_sequence;
  writer.last_sequence = sequence;
  ++counters_.rejected;
  return true;
}

void Store::KeepWriters(const std::set<uint64_t>& members) {
  MutexLock lock(&mutex_);
  for (auto& [member, writer] : writers_) {
    if (members.count(member) == 0) writer.tail.clear();
  }
}

StoreCounters Store::counters() const {
  MutexLock lock(&mutex_);
  StoreCounters counters = counters_;
  counters.frames = frames_;
  counters.refused = refused_;
  counters.chunks = chunk_layout_.chunks();
  counters.payload_bytes = chunk_layout_.payload_bytes();
  return counters;
}

StoreSnapshot Store::Snapshot() const {
  StoreSnapshot snapshot;
  for (const auto& table : tables_) snapshot.tables.push_back(table->RoomForSnapshot());
  MutexLock lock(&mutex_);
  const auto begin = std::chrono::steady_clock::now();
  snapshot.frames = frames_;
  snapshot.messages = counters_.messages;
  snapshot.missing = counters_.missing;
  for (const auto& [member, writer] : writers_) {
    snapshot.writers.push_back({member,
                                writer.epoch,
                                writer.last_sequence,
                                writer.environments,
                                {writer.tail.begin(), writer.tail.end()}});
  }
  for (size_t i = 0; i < tables_.size(); ++i) tables_[i]->TakeSnapshot(&snapshot.tables[i]);
  const auto blocked = std::chrono::steady_clock::now() - begin;
  snapshot.blocked_seconds = std::chrono::duration<double>(blocked).count();
  return snapshot;
}

absl::Status Store::Restore(const StoreSnapshot& snapshot) {
  if (snapshot.tables.size() != tables_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("of ", snapshot.tables.size(), " tables; this store has ", tables_.size()));
  }
  for (size_t i = 0; i < tables_.size(); ++i) {
    DROVER_RETURN_IF_ERROR(tables_[i]->Restore(snapshot.tables[i]));
  }
  RestoreWriters(snapshot);
  if (budget_spent()) FreeSamples();
  return absl::OkStatus();
}

void Store::RestoreWriters(const StoreSnapshot& snapshot) {
  MutexLock lock(&mutex_);
  uint64_t environments = 0;  // of the smallest message
  frames_ = snapshot.frames;
  first_frames_ = snapshot.frames;
  counters_.messages = snapshot.messages;
  counters_.missing = snapshot.missing;
  for (const StoreSnapshot::Writer& saved : snapshot.writers) {
    Writer& writer = writers_[saved.member];
    writer.epoch = saved.epoch;
    writer.last_sequence = saved.last_sequence;
    writer.environments = saved.environments;
    writer.tail.assign(saved.tail.begin(), saved.tail.end());
    const uint64_t more = saved.environments;
    if (environments == 0 || more < environments) environments = more;
  }
  budget_spent_ = frames_ + steps() * environments > options_.max_frames;
}

}  // namespace drover
