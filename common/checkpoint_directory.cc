#include "common/checkpoint_directory.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/crc32c.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace drover {
namespace {

using Json = nlohmann::json;

constexpr char kManifest[] = "manifest.json";

std::string Join(const std::string& directory, absl::string_view name) {
  return absl::StrCat(directory, "/", name);
}

absl::StatusOr<Json> Describe(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(const std::string contents, ReadFile(path));
  return Json{{"bytes", contents.size()}, {"crc32c", Crc32c(contents)}};
}

absl::Status WriteManifest(const std::string& directory, absl::string_view format) {
  Json manifest;
  manifest["format"] = std::string(format);
  DROVER_ASSIGN_OR_RETURN(const auto names, ListDirectory(directory));
  for (const std::string& name : names) {
    DROVER_ASSIGN_OR_RETURN(manifest["files"][name], Describe(Join(directory, name)));
  }
  return WriteFile(Join(directory, kManifest), manifest.dump(2) + "\n");
}

absl::Status CheckManifest(const std::string& directory, absl::string_view format,
                           const std::vector<std::string>& required) {
  const std::string path = Join(directory, kManifest);
  DROVER_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const Json manifest = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool well_formed = manifest.is_object() && manifest.contains("format") &&
                           manifest["format"] == std::string(format) &&
                           manifest.contains("files") && manifest["files"].is_object();
  if (!well_formed) return absl::DataLossError(absl::StrCat(path, " is damaged"));
  for (const std::string& name : required) {
    if (manifest["files"].contains(name)) continue;
    return absl::DataLossError(absl::StrCat(path, " does not list ", name));
  }
  for (const auto& [name, said] : manifest["files"].items()) {
    DROVER_ASSIGN_OR_RETURN(const Json found, Describe(Join(directory, name)));
    if (said == found) continue;
    return absl::DataLossError(
        absl::StrCat(Join(directory, name), " is not what ", kManifest, " says"));
  }
  return absl::OkStatus();
}

// A process may be killed at any moment: a checkpoint is there whole or not at all.
absl::Status PutInPlace(const std::string& draft, const std::string& place) {
  // The same number, written before a restart, is replaced at once.
  if (Exchange(draft, place).ok()) return RemoveAll(draft);
  DROVER_RETURN_IF_ERROR(RemoveAll(place));  // most likely there is none
  return MoveIntoPlace(draft, place);
}

void RemoveAllBut(const std::string& root, size_t keep) {
  const std::string removed = Join(root, ".removed");
  RemoveAll(removed).IgnoreError();  // by a process that was killed
  const std::vector<uint64_t> numbers = ListCheckpoints(root);
  for (size_t i = keep; i < numbers.size(); ++i) {
    absl::Status status = MoveIntoPlace(CheckpointPath(root, numbers[i]), removed);
    if (status.ok()) status = RemoveAll(removed);
    if (!status.ok()) spdlog::warn("an old checkpoint stays: {}", status.ToString());
  }
}

}  // namespace

std::vector<uint64_t> ListCheckpoints(const std::string& root) {
  std::vector<uint64_t> numbers;
  const auto names = ListDirectory(root);
  if (!names.ok()) return numbers;
  for (const std::string& name : *names) {
    uint64_t number = 0;
    if (absl::SimpleAtoi(name, &number) && name == std::to_string(number)) {
      numbers.push_back(number);
    }
  }
  std::sort(numbers.rbegin(), numbers.rend());
  return numbers;
}

std::string CheckpointPath(const std::string& root, uint64_t number) {
  return Join(root, std::to_string(number));
}

absl::StatusOr<std::string> WriteCheckpointDirectory(
    const std::string& root, uint64_t number, absl::string_view format, size_t keep,
    const std::function<absl::Status(const std::string& directory)>& write) {
  DROVER_RETURN_IF_ERROR(MakeDirectories(root));
  const std::string place = CheckpointPath(root, number);
  const std::string draft = Join(root, ".draft");
  const auto make = [&]() -> absl::Status {
    DROVER_RETURN_IF_ERROR(RemoveAll(draft));  // of a process that was killed
    DROVER_RETURN_IF_ERROR(MakeDirectories(draft));
    DROVER_RETURN_IF_ERROR(write(draft));
    DROVER_RETURN_IF_ERROR(WriteManifest(draft, format));
    return PutInPlace(draft, place);
  };
  const absl::Status status = make();
  if (!status.ok()) {
    RemoveAll(draft).IgnoreError();  // it may be what filled the disk
    return status;
  }
  RemoveAllBut(root, keep);
  return place;
}

absl::Status CheckCheckpointDirectory(const std::string& path, absl::string_view format,
                                      const std::vector<std::string>& required) {
  if (const auto names = ListDirectory(path); !names.ok()) return names.status();
  return AsDamage(CheckManifest(path, format, required));
}

absl::Status AsDamage(const absl::Status& status) {
  if (status.ok() || absl::IsDataLoss(status)) return status;
  return absl::DataLossError(status.message());
}

absl::StatusOr<std::string> ReadNewestGoodCheckpoint(
    const std::string& root, const std::function<absl::Status(const std::string& path)>& read) {
  const std::vector<uint64_t> numbers = ListCheckpoints(root);
  for (const uint64_t number : numbers) {
    const std::string path = CheckpointPath(root, number);
    const absl::Status status = read(path);
    if (status.ok()) return path;
    if (absl::IsFailedPrecondition(status)) return status;
    spdlog::error("checkpoint {} is left out: {}", number, status.ToString());
  }
  if (numbers.empty()) return absl::NotFoundError(absl::StrCat("no checkpoint in ", root));
  return absl::DataLossError(
      absl::StrCat("all ", numbers.size(), " checkpoints in ", root, " are damaged"));
}

}  // namespace drover
