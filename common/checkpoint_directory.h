#ifndef DROVER_COMMON_CHECKPOINT_DIRECTORY_H_
#define DROVER_COMMON_CHECKPOINT_DIRECTORY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// What all checkpoints have in common: directories <root>/<number>/ of some files and a
// manifest.json with the format's name and the size and CRC-32C of each file. A process that is
// killed while it writes one leaves those that were there as they were.
// All calls may block on the disk; one process writes below a root at a time.
namespace drover {

// Numbers below `root` that have a directory, newest (largest) first. Other names are left alone.
std::vector<uint64_t> ListCheckpoints(const std::string& root);
std::string CheckpointPath(const std::string& root, uint64_t number);

// Writes <root>/<number>/ beside its place: `write` puts files into the directory it is given, each
// by WriteFile (common/file.h) or alike; then the manifest; then it is moved to its place, where it
// replaces one of the same number; then all but the `keep` newest are removed. Returns its path.
// RESOURCE_EXHAUSTED: disk full; or other errors of common/file.h or `write`: what was there before
// is as it was.
absl::StatusOr<std::string> WriteCheckpointDirectory(
    const std::string& root, uint64_t number, absl::string_view format, size_t keep,
    const std::function<absl::Status(const std::string& directory)>& write);

// DATA_LOSS, naming the file, unless the directory is one of this format and each file of its
// manifest, `required` ones among them, is what the manifest says. NOT_FOUND: no such directory.
absl::Status CheckCheckpointDirectory(const std::string& path, absl::string_view format,
                                      const std::vector<std::string>& required);

// A failure to read what should be there is damage: DATA_LOSS, if it is not OK.
absl::Status AsDamage(const absl::Status& status);

// Tries the checkpoints below `root`, newest first, until `read(path)` is OK, and returns that
// one's path. Others are logged and left out. NOT_FOUND: there is none. DATA_LOSS: there are some,
// and all are damaged. FAILED_PRECONDITION: as soon as `read` says so: it is good, but not for us.
absl::StatusOr<std::string> ReadNewestGoodCheckpoint(
    const std::string& root, const std::function<absl::Status(const std::string& path)>& read);

}  // namespace drover

#endif  // DROVER_COMMON_CHECKPOINT_DIRECTORY_H_
