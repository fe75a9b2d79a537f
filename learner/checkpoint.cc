#include "learner/checkpoint.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/crc32c.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace drover {
namespace {

using Json = nlohmann::json;

constexpr char kFormat[] = "drover-checkpoint/1";
constexpr char kWeights[] = "weights.safetensors";
constexpr char kOptimizer[] = "optimizer.safetensors";
constexpr char kState[] = "state.json";
constexpr char kManifest[] = "manifest.json";

std::string Join(const std::string& directory, absl::string_view name) {
  return absl::StrCat(directory, "/", name);
}

// Versions that have a directory, newest first. Other names are left alone.
std::vector<uint64_t> ListVersions(const std::string& root) {
  std::vector<uint64_t> versions;
  const auto names = ListDirectory(root);
  if (!names.ok()) return versions;
  for (const std::string& name : *names) {
    uint64_t version = 0;
    if (absl::SimpleAtoi(name, &version) && name == std::to_string(version)) {
      versions.push_back(version);
    }
  }
  std::sort(versions.rbegin(), versions.rend());
  return versions;
}

absl::StatusOr<Json> Describe(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(const std::string contents, ReadFile(path));
  return Json{{"bytes", contents.size()}, {"crc32c", Crc32c(contents)}};
}

absl::Status WriteManifest(const std::string& directory) {
  Json manifest;
  manifest["format"] = kFormat;
  for (const char* name : {kWeights, kOptimizer, kState}) {
    DROVER_ASSIGN_OR_RETURN(manifest["files"][name], Describe(Join(directory, name)));
  }
  return WriteFile(Join(directory, kManifest), manifest.dump(2) + "\n");
}

absl::Status CheckManifest(const std::string& directory) {
  const std::string path = Join(directory, kManifest);
  DROVER_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const Json manifest = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool well_formed = manifest.is_object() && manifest.contains("format") &&
                           manifest["format"] == kFormat && manifest.contains("files") &&
                           manifest["files"].is_object();
  if (!well_formed) return absl::DataLossError(absl::StrCat(path, " is damaged"));
  for (const char* name : {kWeights, kOptimizer, kState}) {
    DROVER_ASSIGN_OR_RETURN(const Json found, Describe(Join(directory, name)));
    if (!manifest["files"].contains(name) || manifest["files"][name] != found) {
      return absl::DataLossError(
          absl::StrCat(Join(directory, name), " is not what ", kManifest, " says"));
    }
  }
  return absl::OkStatus();
}

// Any failure to read what should be there is damage.
absl::Status AsDamage(const absl::Status& status) {
  if (status.ok() || absl::IsDataLoss(status)) return status;
  return absl::DataLossError(status.message());
}

absl::Status CheckEpoch(const std::string& root, uint64_t epoch) {
  for (const uint64_t version : ListVersions(root)) {
    const auto text = ReadFile(Join(Join(root, std::to_string(version)), kState));
    if (!text.ok()) continue;
    const auto state = CheckpointState::FromJson(*text);
    if (state.ok() && state->epoch > epoch) {
      return absl::FailedPreconditionError(absl::StrCat("checkpoint ", version, " is of epoch ",
                                                        state->epoch, "; this learner is of epoch ",
                                                        epoch, " and must not replace it"));
    }
  }
  return absl::OkStatus();
}

// A learner may be killed at any moment: a checkpoint is there whole or not at all.
absl::Status PutInPlace(const std::string& draft, const std::string& place) {
  // The same version, written before a restart, is replaced at once.
  if (Exchange(draft, place).ok()) return RemoveAll(draft);
  DROVER_RETURN_IF_ERROR(RemoveAll(place));  // most likely there is none
  return MoveIntoPlace(draft, place);
}

void RemoveAllBut(const std::string& root, size_t keep) {
  const std::string removed = Join(root, ".removed");
  RemoveAll(removed).IgnoreError();  // by a learner that was killed
  const std::vector<uint64_t> versions = ListVersions(root);
  for (size_t i = keep; i < versions.size(); ++i) {
    absl::Status status = MoveIntoPlace(Join(root, std::to_string(versions[i])), removed);
    if (status.ok()) status = RemoveAll(removed);
    if (!status.ok()) spdlog::warn("an old checkpoint stays: {}", status.ToString());
  }
}

}  // namespace

absl::StatusOr<std::string> WriteCheckpoint(const std::string& root, const CheckpointState& state,
                                            const std::vector<NamedArray>& weights,
                                            const std::vector<NamedArray>& optimizer, size_t keep) {
  DROVER_RETURN_IF_ERROR(MakeDirectories(root));
  DROVER_RETURN_IF_ERROR(CheckEpoch(root, state.epoch));
  const std::string place = Join(root, std::to_string(state.version));
  const std::string draft = Join(root, ".draft");
  const auto write = [&]() -> absl::Status {
    DROVER_RETURN_IF_ERROR(RemoveAll(draft));  // of a learner that was killed
    DROVER_RETURN_IF_ERROR(MakeDirectories(draft));
    DROVER_RETURN_IF_ERROR(WriteSafetensors(Join(draft, kWeights), weights));
    DROVER_RETURN_IF_ERROR(WriteSafetensors(Join(draft, kOptimizer), optimizer));
    DROVER_RETURN_IF_ERROR(WriteFile(Join(draft, kState), state.ToJson()));
    DROVER_RETURN_IF_ERROR(WriteManifest(draft));
    return PutInPlace(draft, place);
  };
  const absl::Status status = write();
  if (!status.ok()) {
    RemoveAll(draft).IgnoreError();  // it may be what filled the disk
    return status;
  }
  RemoveAllBut(root, keep);
  return place;
}

absl::StatusOr<Checkpoint> ReadCheckpoint(const std::string& path) {
  if (const auto names = ListDirectory(path); !names.ok()) return names.status();
  DROVER_RETURN_IF_ERROR(AsDamage(CheckManifest(path)));
  DROVER_ASSIGN_OR_RETURN(const std::string text, ReadFile(Join(path, kState)));
  auto state = CheckpointState::FromJson(text);
  DROVER_RETURN_IF_ERROR(AsDamage(state.status()));
  auto weights = SafetensorsFile::Read(Join(path, kWeights));
  DROVER_RETURN_IF_ERROR(AsDamage(weights.status()));
  auto optimizer = SafetensorsFile::Read(Join(path, kOptimizer));
  DROVER_RETURN_IF_ERROR(AsDamage(optimizer.status()));
  return Checkpoint{path, *std::move(state), *std::move(weights), *std::move(optimizer)};
}

absl::StatusOr<Checkpoint> ReadNewestCheckpoint(const std::string& root) {
  const std::vector<uint64_t> versions = ListVersions(root);
  for (const uint64_t version : versions) {
    auto checkpoint = ReadCheckpoint(Join(root, std::to_string(version)));
    if (checkpoint.ok()) return checkpoint;
    spdlog::error("checkpoint {} is left out: {}", version, checkpoint.status().ToString());
  }
  if (versions.empty()) return absl::NotFoundError(absl::StrCat("no checkpoint in ", root));
  return absl::DataLossError(
      absl::StrCat("all ", versions.size(), " checkpoints in ", root, " are damaged"));
}

}  // namespace drover
