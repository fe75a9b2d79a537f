#include "common/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"

namespace drover {
namespace {

absl::Status HeldByAnother(const std::string& path) {
  const absl::StatusOr<std::string> pid = ReadFile(path, 64);
  // A holder of this moment may not have written its pid yet.
  const bool known = pid.ok() && !pid->empty();
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is held by ",
                   known ? absl::StrCat("process ", absl::StripAsciiWhitespace(*pid))
                         : std::string("another process")));
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!fd.valid()) return FileError(errno, "open", path);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? HeldByAnother(path) : FileError(errno, "lock", path);
  }
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd.get(), 0) != 0 ||
      pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return FileError(errno, "write", path);
  }
  return FileLock(std::move(fd));
}

}  // namespace drover
