// A replay server's checkpoint (replay/checkpoint.h): steps are its files' contents, behind a
// manifest that is right, or nothing behind the checksums would be read. What is restored is
// sampled, copied, inserted to, and restored again.

#include <array>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "common/check.h"
#include "common/crc32c.h"
#include "common/file.h"
#include "replay/checkpoint.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/steps.h"
#include "tests/replay/insertions.h"

namespace drover::fuzz {
namespace {

constexpr std::array<const char*, 2> kFiles = {"state.pb", "chunks-00000.pb"};
constexpr uint64_t kSpecHash = 1;
constexpr uint32_t kWindow = 5;

std::unique_ptr<Store> NewStore() {
  TableOptions prioritized;
  prioritized.name = "a";
  prioritized.sampler = SelectorConfig::prioritized;
  prioritized.capacity = 50;
  prioritized.steps = kWindow;
  TableOptions queue;
  queue.name = "b";
  queue.sampler = SelectorConfig::fifo;
  queue.max_times_sampled = 2;
  queue.capacity = 50;
  return testing::MakeStore({prioritized, queue});
}

void Insert(Store* store, uint64_t sequence) {
  const std::vector<testing::Items> items = {{0, {0, 1}, {-2, -4}, {}}, {1, {0}, {2}, {}}};
  Insertion insertion = testing::MakeInsertion(7, sequence, items);
  Store::Ticket ticket;
  store
      ->Insert(
          &insertion, [] {}, &ticket)
      .status()
      .IgnoreError();  // it may know of a later life
}

// Touches every byte that a sampled item has.
void SampleAll(Store* store) {
  for (size_t i = 0; i < store->tables(); ++i) {
    Table& table = store->table(i);
    const WindowAssembler assembler(&store->layout(), table.options().steps);
    SampledBatch batch(testing::kSteps);
    for (int round = 0; round < 4 && table.TrySample(8, &batch); ++round) {
      std::vector<Final> finals;
      assembler.FindFinals(batch.windows, &finals);
      std::vector<std::string> columns(store->layout().leaves());
      std::vector<char*> places;
      for (size_t leaf = 0; leaf < columns.size(); ++leaf) {
        columns[leaf].resize(assembler.ColumnBytes(leaf, batch.items(), finals.size()));
        places.push_back(columns[leaf].data());
      }
      assembler.Assemble(batch.windows, finals, places);
      DROVER_CHECK(table.UpdatePriorities(batch.keys, batch.priorities).ok());
    }
  }
}

// The one checkpoint directory that all inputs share.
class Directory {
 public:
  Directory() { DROVER_CHECK(MakeDirectories(root() + "/1").ok()); }
  std::string root() const { return directory_->path(); }

  void Write(const std::array<absl::string_view, kFiles.size()>& files) const {
    nlohmann::json manifest;
    manifest["format"] = "drover-replay/1";
    for (size_t i = 0; i < files.size(); ++i) {
      manifest["files"][kFiles[i]] = {{"bytes", files[i].size()}, {"crc32c", Crc32c(files[i])}};
      WriteNew(kFiles[i], files[i]);
    }
    WriteNew("manifest.json", manifest.dump());
  }

 private:
  // Without a sync; a new file, because ext4 syncs those that are written over.
  void WriteNew(const std::string& name, absl::string_view contents) const {
    const std::string path = root() + "/1/" + name;
    std::remove(path.c_str());
    std::ofstream(path, std::ios::binary)
        .write(contents.data(), static_cast<std::streamsize>(contents.size()));
  }

  const absl::StatusOr<TempDirectory> directory_ = TempDirectory::Make();
};

}  // namespace

bool Run(absl::string_view input) {
  static const Directory directory;
  std::array<absl::string_view, kFiles.size()> files;
  for (Step step{}; NextStep(&input, &step);) files[step.what % files.size()] = step.bytes;
  directory.Write(files);
  const auto store = NewStore();
  if (!RestoreNewestStoreCheckpoint(directory.root(), kSpecHash, store.get()).ok()) return false;
  SampleAll(store.get());
  Insert(store.get(), store->Greet(7, 1).last_sequence + 1);
  const absl::Status again = NewStore()->Restore(store->Snapshot());
  DROVER_CHECK(again.ok()) << again;
  return true;
}

std::vector<std::string> Seeds() {
  const auto directory = TempDirectory::Make();
  const auto store = NewStore();
  for (uint64_t sequence = 1; sequence <= 6; ++sequence) Insert(store.get(), sequence);
  SampleAll(store.get());
  const auto report = WriteStoreCheckpoint(*store, kSpecHash, directory->path(), 1);
  DROVER_CHECK(report.ok()) << report.status();
  std::string seed;
  for (size_t i = 0; i < kFiles.size(); ++i) {
    seed += EncodeStep(static_cast<unsigned char>(i), *ReadFile(report->path + "/" + kFiles[i]));
  }
  return {seed};
}

std::string Mutate(absl::string_view input, Random* random) {
  return MutateSteps(input, random, MutateMessage);
}

}  // namespace drover::fuzz
