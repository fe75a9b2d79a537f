#include "common/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/file.h"

namespace drover {

absl::StatusOr<AppendFile> AppendFile::Open(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!fd.valid()) return FileError(errno, "open", path);
  return AppendFile(path, std::move(fd));
}

absl::Status AppendFile::Append(absl::string_view record) {
  struct stat before {};
  if (fstat(fd_.get(), &before) != 0) return FileError(errno, "look at", path_);
  while (!record.empty()) {
    const ssize_t written = write(fd_.get(), record.data(), record.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const absl::Status status = FileError(written == 0 ? ENOSPC : errno, "write", path_);
      // Takes back the part that still fitted. What is no regular file has none.
      if (S_ISREG(before.st_mode) && ftruncate(fd_.get(), before.st_size) != 0) {
        return FileError(errno, "take back a part of a record of", path_);
      }
      return status;
    }
    record.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace drover
