#include "replay/checkpoint.h"

#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/checkpoint_directory.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "proto/replay_checkpoint.pb.h"
#include "replay/checkpoint_format.h"

namespace drover {
namespace {

constexpr char kFormat[] = "drover-replay/1";
constexpr char kState[] = "state.pb";
constexpr size_t kFileBytes = 32 << 20;  // of chunks in a file, more or less

std::string Join(const std::string& directory, absl::string_view name) {
  return absl::StrCat(directory, "/", name);
}

absl::Status WriteMessage(const std::string& path, const google::protobuf::MessageLite& message,
                          uint64_t* bytes) {
  std::string contents;
  if (!message.SerializeToString(&contents)) {
    return absl::ResourceExhaustedError(absl::StrCat(path, " would be larger than 2 GB"));
  }
  *bytes += contents.size();
  return WriteFile(path, contents);
}

absl::Status ReadMessage(const std::string& path, google::protobuf::MessageLite* message) {
  DROVER_ASSIGN_OR_RETURN(const std::string contents, ReadFile(path));
  if (message->ParseFromString(contents)) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path, " is damaged"));
}

// Some files of chunks, whose names are added to the state.
absl::Status WriteChunks(const std::string& directory, const ChunkPlaces& places,
                         StoredState* state, uint64_t* bytes) {
  for (size_t next = 0; next < places.chunks().size();) {
    StoredChunks file;
    for (size_t size = 0; size < kFileBytes && next < places.chunks().size(); ++next) {
      const Chunk& chunk = *places.chunks()[next];
      *file.add_chunks() = ToStored(chunk, places.Previous(&chunk));
      size += chunk.payload_bytes();
    }
    state->add_chunk_files(absl::StrFormat("chunks-%05d.pb", state->chunk_files_size()));
    const std::string& name = *state->chunk_files().rbegin();
    DROVER_RETURN_IF_ERROR(WriteMessage(Join(directory, name), file, bytes));
  }
  return absl::OkStatus();
}

absl::Status WriteSnapshot(const std::string& directory, const Store& store, uint64_t spec_hash,
                           const StoreSnapshot& snapshot, StoreCheckpointReport* report) {
  const ChunkPlaces places(snapshot, static_cast<uint32_t>(store.layout().steps()));
  StoredState state;
  state.set_spec_hash(spec_hash);
  state.set_frames(snapshot.frames);
  state.set_messages(snapshot.messages);
  state.set_missing(snapshot.missing);
  for (const auto& writer : snapshot.writers) *state.add_writers() = ToStored(writer, places);
  for (size_t i = 0; i < snapshot.tables.size(); ++i) {
    StoredTable* table = state.add_tables();
    *table = ToStored(snapshot.tables[i], places);
    table->set_name(store.table(i).options().name);
    for (const Slot& slot : snapshot.tables[i].slots) report->items += slot.occupied() ? 1 : 0;
  }
  DROVER_RETURN_IF_ERROR(WriteChunks(directory, places, &state, &report->bytes));
  return WriteMessage(Join(directory, kState), state, &report->bytes);
}

// INVALID_ARGUMENT: it does not fit together.
absl::Status ReadSnapshot(const std::string& directory, const StoredState& state, Store* store,
                          StoreSnapshot* snapshot) {
  ChunkReader chunks(store->layout(), store->chunk_layout());
  for (const std::string& name : state.chunk_files()) {
    StoredChunks file;
    DROVER_RETURN_IF_ERROR(ReadMessage(Join(directory, name), &file));
    for (StoredChunk& chunk : *file.mutable_chunks()) DROVER_RETURN_IF_ERROR(chunks.Add(&chunk));
  }
  DROVER_RETURN_IF_ERROR(chunks.LinkAll());
  snapshot->frames = state.frames();
  snapshot->messages = state.messages();
  snapshot->missing = state.missing();
  const auto steps = static_cast<uint32_t>(store->layout().steps());
  for (size_t i = 0; i < store->tables(); ++i) {
    TableSnapshot& table = snapshot->tables.emplace_back(steps);
    const uint32_t L = store->table(i).options().steps;
    DROVER_RETURN_IF_ERROR(chunks.Read(state.tables(static_cast<int>(i)), L, &table));
  }
  for (const StoredWriter& writer : state.writers()) {
    DROVER_RETURN_IF_ERROR(chunks.Read(writer, &snapshot->writers.emplace_back()));
  }
  return absl::OkStatus();
}

// FAILED_PRECONDITION: it is good, but of another run's store.
absl::Status CheckIsOf(const StoredState& state, uint64_t spec_hash, const Store& store) {
  if (state.spec_hash() != spec_hash) {
    return absl::FailedPreconditionError("a checkpoint of another spec");
  }
  bool same = static_cast<size_t>(state.tables_size()) == store.tables();
  for (size_t i = 0; same && i < store.tables(); ++i) {
    same = state.tables(static_cast<int>(i)).name() == store.table(i).options().name;
  }
  if (same) return absl::OkStatus();
  return absl::FailedPreconditionError("a checkpoint of other tables");
}

}  // namespace

absl::StatusOr<StoreCheckpointReport> WriteStoreCheckpoint(const Store& store, uint64_t spec_hash,
                                                           const std::string& root, size_t keep) {
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<uint64_t> numbers = ListCheckpoints(root);
  const uint64_t number = numbers.empty() ? 1 : numbers.front() + 1;
  const StoreSnapshot snapshot = store.Snapshot();
  StoreCheckpointReport report;
  report.blocked_seconds = snapshot.blocked_seconds;
  DROVER_ASSIGN_OR_RETURN(
      report.path,
      WriteCheckpointDirectory(root, number, kFormat, keep, [&](const std::string& directory) {
        return WriteSnapshot(directory, store, spec_hash, snapshot, &report);
      }));
  const auto seconds = std::chrono::steady_clock::now() - begin;
  report.seconds = std::chrono::duration<double>(seconds).count();
  return report;
}

absl::StatusOr<std::string> RestoreNewestStoreCheckpoint(const std::string& root,
                                                         uint64_t spec_hash, Store* store) {
  std::unique_ptr<StoreSnapshot> snapshot;
  const auto read = [&](const std::string& path) -> absl::Status {
    DROVER_RETURN_IF_ERROR(CheckCheckpointDirectory(path, kFormat, {kState}));
    StoredState state;
    DROVER_RETURN_IF_ERROR(AsDamage(ReadMessage(Join(path, kState), &state)));
    DROVER_RETURN_IF_ERROR(CheckIsOf(state, spec_hash, *store));
    snapshot = std::make_unique<StoreSnapshot>();
    return AsDamage(ReadSnapshot(path, state, store, snapshot.get()));
  };
  DROVER_ASSIGN_OR_RETURN(std::string path, ReadNewestGoodCheckpoint(root, read));
  if (absl::Status status = store->Restore(*snapshot); !status.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": ", status.message()));
  }
  return path;
}

}  // namespace drover
