#ifndef DROVER_COMMON_FILE_H_
#define DROVER_COMMON_FILE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Whole files and directories. Every error names the path and says what the system said; its code
// is that of the errno (NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED: disk full, …).
namespace drover {

// e.g. FileError(errno, "open", "/x"): "cannot open /x: No such file or directory".
absl::Status FileError(int error, absl::string_view action, absl::string_view path);

// RESOURCE_EXHAUSTED: the file is larger than `most` bytes.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most = size_t{16} << 30);

// Replaces a file by `pieces`, one after the other: whoever reads it, even after a crash, finds
// the old or the new, whole. It writes beside it, syncs, renames, syncs the directory. Several
// writers do not disturb each other; the last one wins.
absl::Status WriteFile(const std::string& path, const std::vector<absl::string_view>& pieces);
absl::Status WriteFile(const std::string& path, absl::string_view contents);

// Puts `contents` over the first bytes of a file that is there, and syncs: works on a full disk,
// too, but a crash in the midst of it leaves some of each.
absl::Status OverwriteFile(const std::string& path, absl::string_view contents);

// Gives a file or a directory, whose contents are synced already (WriteFile does), its final name
// on the same file system: after a crash it is there whole or not at all. What is at `to` is
// replaced, unless it is a directory with something in it.
absl::Status MoveIntoPlace(const std::string& from, const std::string& to);

// The same where `to` is there, whatever it is: both change places, at once. Not every file system
// can (INVALID_ARGUMENT).
absl::Status Exchange(const std::string& from, const std::string& to);

// With all above it; OK if it is there.
absl::Status MakeDirectories(const std::string& path);

// Names in a directory, sorted, without "." and "..".
absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path);

// A file or a whole directory; OK if it is not there.
absl::Status RemoveAll(const std::string& path);

// A new directory of its own, removed with all in it when the object ends.
class TempDirectory {
 public:
  // Below $TMPDIR, or /tmp.
  static absl::StatusOr<TempDirectory> Make();
  ~TempDirectory();
  TempDirectory(TempDirectory&& other) noexcept;
  TempDirectory& operator=(TempDirectory&&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit TempDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;  // empty: moved away
};

}  // namespace drover

#endif  // DROVER_COMMON_FILE_H_
