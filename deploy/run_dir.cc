#include "deploy/run_dir.h"

#include <google/protobuf/text_format.h>

#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/coordinator_main.h"
#include "coordinator/run_memory.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

constexpr char kLockFile[] = "lock";
constexpr char kLogs[] = "logs";
constexpr char kSockets[] = "sockets";
constexpr size_t kLongestSocketDir = 70;  // leaves room for a name within the kernel's 107

// A name that is one part of a path, whatever its config is called.
std::string FileName(absl::string_view name) {
  std::string safe(name);
  for (char& c : safe) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_' && c != '.') c = '_';
  }
  return safe.empty() ? "run" : safe;
}

// "<name>-20240131-235959" or with "-2" after it.
bool IsRunOf(absl::string_view directory, absl::string_view name) {
  const std::string prefix = FileName(name) + "-";
  return absl::StartsWith(directory, prefix) && directory.size() > prefix.size() &&
         absl::ascii_isdigit(directory[prefix.size()]);
}

bool HasRun(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path / kConfigFile, ignored);
}

}  // namespace

std::string NewRunDirPath(absl::string_view name) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char stamp[32];
  std::strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &local);
  const std::string first = absl::StrCat(kRunsDir, "/", FileName(name), "-", stamp);
  std::string path = first;
  std::error_code ignored;
  for (int i = 2; fs::exists(path, ignored); ++i) path = absl::StrCat(first, "-", i);
  return path;
}

absl::StatusOr<std::string> NewestRunDir(absl::string_view name) {
  std::string newest;
  fs::file_time_type newest_time;
  std::error_code error;
  for (fs::directory_iterator it(kRunsDir, error), end; !error && it != end; it.increment(error)) {
    if (!name.empty() && !IsRunOf(it->path().filename().string(), name)) continue;
    std::error_code none;
    const fs::file_time_type time = fs::last_write_time(it->path() / kConfigFile, none);
    if (none) continue;
    if (newest.empty() || time > newest_time) {
      newest = it->path().string();
      newest_time = time;
    }
  }
  if (newest.empty()) {
    return absl::NotFoundError(absl::StrCat("no run", name.empty() ? "" : " of ", name, " in ",
                                            kRunsDir, "/; name a run directory"));
  }
  return newest;
}

std::string LogPath(absl::string_view run_dir, absl::string_view role,
                    const absl::AlphaNum& index) {
  return absl::StrCat(run_dir, "/", kLogs, "/", role, "-", index, ".log");
}

absl::StatusOr<RunDir> RunDir::Open(const std::string& path, bool resume) {
  if (resume && !HasRun(path)) {
    return absl::NotFoundError(absl::StrCat("there is no run in ", path, " to resume"));
  }
  DROVER_RETURN_IF_ERROR(MakeDirectories(absl::StrCat(path, "/", kLogs)));
  std::error_code error;
  const fs::path absolute = fs::canonical(path, error);
  if (error) return FileError(error.value(), "find", path);
  absl::StatusOr<FileLock> lock = FileLock::Acquire((absolute / kLockFile).string());
  if (!lock.ok()) {
    if (!absl::IsFailedPrecondition(lock.status())) return lock.status();
    return absl::FailedPreconditionError(
        absl::StrCat("another run is using ", path, ": ", lock.status().message()));
  }
  if (!resume && HasRun(absolute)) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is a run in ", path,
                     " already; --resume goes on with it, another --run_dir starts anew"));
  }
  RunDir run_dir(absolute.string(), *std::move(lock));
  if (absolute.string().size() > kLongestSocketDir) {
    DROVER_ASSIGN_OR_RETURN(TempDirectory sockets, TempDirectory::Make());
    run_dir.sockets_.emplace(std::move(sockets));
  } else {
    DROVER_RETURN_IF_ERROR(MakeDirectories((absolute / kSockets).string()));
  }
  return run_dir;
}

bool RunDir::InUse(const std::string& path) {
  return absl::IsFailedPrecondition(FileLock::Acquire(absl::StrCat(path, "/", kLockFile)).status());
}

pid_t RunDir::HolderPid(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(absl::StrCat(path, "/", kLockFile), 64);
  pid_t pid = 0;
  return text.ok() && absl::SimpleAtoi(absl::StripAsciiWhitespace(*text), &pid) ? pid : 0;
}

std::string RunDir::File(absl::string_view name) const { return absl::StrCat(path_, "/", name); }

std::string RunDir::SocketAddress(absl::string_view role, int index) const {
  const std::string dir = sockets_.has_value() ? sockets_->path() : File(kSockets);
  return absl::StrCat("unix:", dir, "/", role, "-", index);
}

absl::Status RunDir::WriteConfig(const Experiment& experiment, const Spec& spec) const {
  DROVER_RETURN_IF_ERROR(BeginLaunch(path_, experiment.name()).status());
  std::string text;
  google::protobuf::TextFormat::PrintToString(spec, &text);
  DROVER_RETURN_IF_ERROR(WriteFile(File(kSpecFile), text));
  google::protobuf::TextFormat::PrintToString(experiment, &text);
  // Last: the directory now holds a run.
  return WriteFile(File(kConfigFile), text);
}

}  // namespace drover
