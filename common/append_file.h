#ifndef DROVER_COMMON_APPEND_FILE_H_
#define DROVER_COMMON_APPEND_FILE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/unique_fd.h"

namespace drover {

// A file that records are added to, each whole or not at all, even where the
// disk fills up in the midst of one. One writer; not thread-safe.
class AppendFile {
 public:
  // Opens or creates it. Errors as common/file.h.
  static absl::StatusOr<AppendFile> Open(const std::string& path);

  // Adds a record at the end, and the system has it. Errors as common/file.h, RESOURCE_EXHAUSTED
  // for a full disk: the record is lost, the next may work again.
  absl::Status Append(absl::string_view record);

  const std::string& path() const { return path_; }

 private:
  AppendFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  UniqueFd fd_;
};

}  // namespace drover

#endif  // DROVER_COMMON_APPEND_FILE_H_
