#ifndef DROVER_COMMON_FILE_LOCK_H_
#define DROVER_COMMON_FILE_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace drover {

// Holds a lock file for as long as it lives: one process a run directory. The system gives the
// lock back when the process ends, however it ends; the file stays, with the last holder's pid.
// Not for a file system that several hosts share without flock.
class FileLock {
 public:
  // Makes the file if need be; its directory exists. Does not wait. FAILED_PRECONDITION: another
  // process, or another FileLock of this one, has it; the message says which pid.
  static absl::StatusOr<FileLock> Acquire(const std::string& path);

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace drover

#endif  // DROVER_COMMON_FILE_LOCK_H_
