#include "tests/support/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/check.h"
#include "common/unique_fd.h"

namespace drover {

bool MountSmallDisk(const std::string& path, size_t bytes) {
  if (unshare(CLONE_NEWNS) != 0) {
    DROVER_CHECK(errno == EPERM) << errno;
    return false;
  }
  // Nothing that is mounted here is to be seen elsewhere. Where the root was changed, that cannot
  // be had.
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    DROVER_CHECK(errno == EINVAL) << errno;
    return false;
  }
  DROVER_CHECK(mkdir(path.c_str(), 0777) == 0) << path;
  const std::string size = "size=" + std::to_string(bytes);
  DROVER_CHECK(mount("none", path.c_str(), "tmpfs", 0, size.c_str()) == 0) << errno;
  return true;
}

void FillDisk(const std::string& file) {
  const UniqueFd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  DROVER_CHECK(fd.valid()) << file;
  const std::string block(4096, 'x');
  while (write(fd.get(), block.data(), block.size()) > 0) {
  }
  DROVER_CHECK(errno == ENOSPC) << errno;
}

}  // namespace drover
