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
namespace {

bool Write(const char* file, const std::string& text) {
  const UniqueFd fd(open(file, O_WRONLY | O_CLOEXEC));
  return fd.valid() &&
         write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Who is not root may mount things in a user namespace of its own, where the system lets it make
// one and the process has one thread. Users and groups keep their numbers.
bool LeaveMounts() {
  if (unshare(CLONE_NEWNS) == 0) return true;
  DROVER_CHECK(errno == EPERM) << errno;
  const auto same = [](auto id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  const std::string user = same(geteuid());
  const std::string group = same(getegid());
  return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && Write("/proc/self/setgroups", "deny") &&
         Write("/proc/self/uid_map", user) && Write("/proc/self/gid_map", group);
}

}  // namespace

bool MountSmallDisk(const std::string& path, size_t bytes) {
  if (!LeaveMounts()) return false;
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
