// A checkpoint's directory (learner/checkpoint.h): steps are its files' contents. Without a
// manifest among them it gets one that is right, or nothing behind the checksums would be read.

#include <array>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/check.h"
#include "common/crc32c.h"
#include "common/file.h"
#include "learner/checkpoint.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/steps.h"

namespace drover::fuzz {
namespace {

constexpr std::array<const char*, 4> kFiles = {"weights.safetensors", "optimizer.safetensors",
                                               "state.json", "manifest.json"};
constexpr size_t kState = 2;
constexpr size_t kManifest = 3;

// The one checkpoint directory that all inputs share.
class Directory {
 public:
  Directory() { DROVER_CHECK(MakeDirectories(root() + "/7").ok()); }
  std::string root() const { return directory_->path(); }

  // Without a sync; a new file, because ext4 syncs those that are written over.
  void Write(size_t file, absl::string_view contents) const {
    const std::string path = root() + "/7/" + kFiles[file];
    std::remove(path.c_str());
    std::ofstream(path, std::ios::binary)
        .write(contents.data(), static_cast<std::streamsize>(contents.size()));
  }

 private:
  const absl::StatusOr<TempDirectory> directory_ = TempDirectory::Make();
};

std::string RightManifest(const std::array<absl::string_view, 4>& files) {
  nlohmann::json manifest;
  manifest["format"] = "drover-checkpoint/1";
  for (size_t i = 0; i < kManifest; ++i) {
    manifest["files"][kFiles[i]] = {{"bytes", files[i].size()}, {"crc32c", Crc32c(files[i])}};
  }
  return manifest.dump();
}

bool CheckState(absl::string_view text) {
  const auto state = CheckpointState::FromJson(text);
  if (!state.ok()) return false;
  const std::string written = state->ToJson();
  const auto again = CheckpointState::FromJson(written);
  DROVER_CHECK(again.ok() && again->ToJson() == written) << written;
  return true;
}

}  // namespace

bool Run(absl::string_view input) {
  static const Directory directory;
  std::array<absl::string_view, 4> files;
  bool manifest = false;
  for (Step step{}; NextStep(&input, &step);) {
    files[step.what % files.size()] = step.bytes;
    manifest = manifest || step.what % files.size() == kManifest;
  }
  const bool state = CheckState(files[kState]);
  if (files[0].empty() && !manifest) return state;  // nothing else could be read
  const std::string right = RightManifest(files);
  if (!manifest) files[kManifest] = right;
  for (size_t i = 0; i < files.size(); ++i) directory.Write(i, files[i]);
  const auto checkpoint = ReadNewestCheckpoint(directory.root());
  return checkpoint.ok();
}

std::vector<std::string> Seeds() {
  const auto directory = TempDirectory::Make();
  const std::string bytes(24, '\x3f');
  CheckpointState state;
  state.version = 7;
  state.epoch = 3;
  state.seconds = 1.25;
  state.episodes = 77;
  state.newest_episodes = {{0.5, 10}, {-1, 20}};
  state.last_sequence = {{1, 5}, {12, 6}};
  const auto path =
      WriteCheckpoint(directory->path(), state, {{"policy", DType::float32, {2, 3}, bytes}},
                      {{"step", DType::int64, {}, absl::string_view(bytes).substr(0, 8)}}, 1);
  DROVER_CHECK(path.ok()) << path.status();
  std::string with_manifest;
  for (size_t i = 0; i < kFiles.size(); ++i) {
    with_manifest += EncodeStep(static_cast<unsigned char>(i), *ReadFile(*path + "/" + kFiles[i]));
  }
  const std::string manifest = EncodeStep(kManifest, *ReadFile(*path + "/manifest.json"));
  return {with_manifest, with_manifest.substr(0, with_manifest.size() - manifest.size()),
          EncodeStep(kState, nlohmann::json::parse(state.ToJson()).dump())};
}

std::string Mutate(absl::string_view input, Random* random) {
  return MutateSteps(input, random, MutateText);
}

}  // namespace drover::fuzz
