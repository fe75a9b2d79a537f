#ifndef DROVER_DEPLOY_RUN_DIR_H_
#define DROVER_DEPLOY_RUN_DIR_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/file.h"
#include "common/file_lock.h"
#include "proto/experiment.pb.h"
#include "proto/spec.pb.h"

// Where a run's files are: runs/<name>-<time> unless told otherwise. ARCHITECTURE.md lists them.
namespace drover {

constexpr char kRunsDir[] = "runs";

// "runs/<name>-<year><month><day>-<time>", and a number after it where that exists.
std::string NewRunDirPath(absl::string_view name);

// The directory under runs/ whose run was started last, of the config called `name`, or of any
// where that is empty. NOT_FOUND: there is none.
absl::StatusOr<std::string> NewestRunDir(absl::string_view name);

// Where a process of the run logs; `index`: among those of its role ("launcher" is one, too).
std::string LogPath(absl::string_view run_dir, absl::string_view role, const absl::AlphaNum& index);

// A run directory for the process that holds its lock.
class RunDir {
 public:
  // Makes the directory, if need be, and takes its lock. FAILED_PRECONDITION: another process has
  // it, or, without `resume`, there was a run in it; NOT_FOUND: `resume`, but there was none.
  static absl::StatusOr<RunDir> Open(const std::string& path, bool resume);

  // Whether a process has it, and which had it last; 0: none ever had.
  static bool InUse(const std::string& path);
  static pid_t HolderPid(const std::string& path);

  // Absolute.
  const std::string& path() const { return path_; }
  std::string File(absl::string_view name) const;
  // "unix:…" for a process of this run. Its path is short enough for the system; it lies in the
  // run directory, or in a temporary one that goes with this object.
  std::string SocketAddress(absl::string_view role, int index) const;

  // What every process of the run is told by the coordinator; begins a launch (BeginLaunch in
  // coordinator/run_memory.h).
  absl::Status WriteConfig(const Experiment& experiment, const Spec& spec) const;

 private:
  RunDir(std::string path, FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  FileLock lock_;
  std::optional<TempDirectory> sockets_;  // where path_ is too long for sockets
};

}  // namespace drover

#endif  // DROVER_DEPLOY_RUN_DIR_H_
