#include "common/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/unique_fd.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

// open, read, … once more where a signal came between.
template <typename Call>
auto Retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

absl::StatusOr<UniqueFd> Open(const std::string& path, int flags) {
  UniqueFd fd(Retry([&] { return open(path.c_str(), flags | O_CLOEXEC, 0666); }));
  if (!fd.valid()) return FileError(errno, "open", path);
  return fd;
}

absl::Status WriteAll(int fd, absl::string_view data, const std::string& path) {
  while (!data.empty()) {
    const ssize_t written = Retry([&] { return write(fd, data.data(), data.size()); });
    if (written < 0) return FileError(errno, "write", path);
    data.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status Sync(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(const UniqueFd fd, Open(path, O_RDONLY));
  if (Retry([&] { return fsync(fd.get()); }) != 0) return FileError(errno, "sync", path);
  return absl::OkStatus();
}

std::string ParentOf(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

absl::Status Rename(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    return FileError(errno, absl::StrCat("rename ", from, " to"), to);
  }
  return Sync(ParentOf(to));
}

absl::Status WriteNew(const std::string& path, const std::vector<absl::string_view>& pieces) {
  DROVER_ASSIGN_OR_RETURN(UniqueFd fd, Open(path, O_WRONLY | O_CREAT | O_EXCL));
  for (const absl::string_view piece : pieces) {
    DROVER_RETURN_IF_ERROR(WriteAll(fd.get(), piece, path));
  }
  if (Retry([&] { return fsync(fd.get()); }) != 0) return FileError(errno, "sync", path);
  if (!fd.Close()) return FileError(errno, "close", path);
  return absl::OkStatus();
}

// A name that no other writer of `path` takes, in this process or another.
std::string TemporaryName(const std::string& path) {
  static std::atomic<uint64_t> count{0};
  return absl::StrCat(path, ".", getpid(), ".", count++, ".tmp");
}

}  // namespace

absl::Status FileError(int error, absl::string_view action, absl::string_view path) {
  return absl::Status(absl::ErrnoToStatusCode(error),
                      absl::StrCat("cannot ", action, " ", path, ": ",
                                   std::error_code(error, std::generic_category()).message()));
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most) {
  DROVER_ASSIGN_OR_RETURN(const UniqueFd fd, Open(path, O_RDONLY));
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return FileError(errno, "look at", path);
  const auto too_large = [&] {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot read ", path, ": larger than ", most, " bytes"));
  };
  if (info.st_size > 0 && static_cast<size_t>(info.st_size) > most) return too_large();

  // The size is a hint only: it is 0 in /proc, and a log may grow.
  std::string contents(static_cast<size_t>(info.st_size) + 1, '\0');
  size_t size = 0;
  for (;;) {
    const ssize_t got =
        Retry([&] { return read(fd.get(), &contents[size], contents.size() - size); });
    if (got < 0) return FileError(errno, "read", path);
    if (got == 0) break;
    size += static_cast<size_t>(got);
    if (size > most) return too_large();
    if (size == contents.size()) contents.resize(2 * size);
  }
  contents.resize(size);
  return contents;
}

absl::Status WriteFile(const std::string& path, const std::vector<absl::string_view>& pieces) {
  const std::string temporary = TemporaryName(path);
  absl::Status status = WriteNew(temporary, pieces);
  if (status.ok()) status = Rename(temporary, path);
  if (!status.ok()) unlink(temporary.c_str());
  return status;
}

absl::Status WriteFile(const std::string& path, absl::string_view contents) {
  return WriteFile(path, std::vector<absl::string_view>{contents});
}

absl::Status OverwriteFile(const std::string& path, absl::string_view contents) {
  DROVER_ASSIGN_OR_RETURN(const UniqueFd fd, Open(path, O_WRONLY));
  DROVER_RETURN_IF_ERROR(WriteAll(fd.get(), contents, path));
  if (Retry([&] { return fsync(fd.get()); }) != 0) return FileError(errno, "sync", path);
  return absl::OkStatus();
}

absl::Status MoveIntoPlace(const std::string& from, const std::string& to) {
  DROVER_RETURN_IF_ERROR(Sync(from));
  return Rename(from, to);
}

absl::Status Exchange(const std::string& from, const std::string& to) {
  DROVER_RETURN_IF_ERROR(Sync(from));
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) != 0) {
    return FileError(errno, "replace", to);
  }
  return Sync(ParentOf(to));
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return FileError(error.value(), "make directory", path);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return FileError(error.value(), "list", path);
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status RemoveAll(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return FileError(error.value(), "remove", path);
  return absl::OkStatus();
}

absl::StatusOr<TempDirectory> TempDirectory::Make() {
  const char* const parent = std::getenv("TMPDIR");
  std::string path = absl::StrCat(parent != nullptr ? parent : "/tmp", "/drover-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) return FileError(errno, "make directory", path);
  return TempDirectory(path);
}

TempDirectory::~TempDirectory() {
  if (path_.empty()) return;
  const absl::Status status = RemoveAll(path_);
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
}

TempDirectory::TempDirectory(TempDirectory&& other) noexcept
    : path_(std::exchange(other.path_, "")) {}

}  // namespace drover
