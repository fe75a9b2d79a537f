#include "deploy/doctor/disk.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/file.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

constexpr double kGib = 1 << 30;
constexpr double kLittle = 1;  // GiB: checkpoints and logs of a long run
constexpr uint64_t kFewFiles = 1000;
constexpr size_t kTrialBytes = 1 << 20;

// It, or the nearest above it that is there.
fs::path Nearest(const std::string& directory) {
  std::error_code ignored;
  fs::path path = fs::absolute(directory);
  while (!fs::exists(path, ignored) && path.has_relative_path()) path = path.parent_path();
  return path;
}

absl::Status TryToWrite(const fs::path& directory) {
  const std::string file = (directory / absl::StrCat(".drover-doctor-", getpid())).string();
  const absl::Status written = WriteFile(file, std::string(kTrialBytes, 'x'));
  const absl::Status removed = RemoveAll(file);
  return written.ok() ? removed : written;
}

std::string MendOf(const absl::Status& status, const std::string& path) {
  struct statvfs disk {};
  if (statvfs(path.c_str(), &disk) == 0 && (disk.f_flag & ST_RDONLY) != 0) {
    return absl::StrCat("mount -o remount,rw $(findmnt -no TARGET -T ", path, ")");
  }
  if (absl::IsResourceExhausted(status)) {
    return absl::StrCat("du -xh ", path,
                        " | sort -h | tail  # what takes it; or --run_dir elsewhere");
  }
  return absl::StrCat("chown $USER ", path);
}

}  // namespace

Finding CheckDisk(const std::string& directory) {
  const std::string what = absl::StrCat("directory ", directory);
  const fs::path nearest = Nearest(directory);
  std::error_code ignored;
  if (!fs::is_directory(nearest, ignored)) {
    return Wrong(what, absl::StrCat(nearest.string(), " is a file"),
                 absl::StrCat("mv ", nearest.string(), " ", nearest.string(), ".old"));
  }
  if (absl::Status status = TryToWrite(nearest); !status.ok()) {
    return Wrong(what, std::string(status.message()), MendOf(status, nearest.string()));
  }
  struct statvfs disk {};
  if (statvfs(nearest.c_str(), &disk) != 0) return Ok(what, "can be written to");
  const double free =
      static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize) / kGib;
  const std::string found = absl::StrFormat("can be written to, %.1f GiB free", free);
  const bool few = disk.f_files > 0 && disk.f_favail < kFewFiles;
  if (free < kLittle || few) {
    return Warning(what, absl::StrCat(found, few ? ", and it can hold few more files" : ""),
                   MendOf(absl::ResourceExhaustedError(""), nearest.string()));
  }
  return Ok(what, found);
}

}  // namespace drover
