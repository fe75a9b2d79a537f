#ifndef DROVER_LEARNER_VERSION_BLOCK_H_
#define DROVER_LEARNER_VERSION_BLOCK_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace drover {

// Sees to it that versions never go back, even if the learner is killed: they
// are reserved in blocks whose end is on disk before the first of a block is
// published. A killed learner goes on above its block; a cleanly stopped one
// writes the true end back. Not thread-safe.
class VersionBlock {
 public:
  // `path`: of the file that keeps the end; it need not be there. Errors: the
  // file cannot be read, or holds no number.
  static absl::StatusOr<VersionBlock> Open(const std::string& path);

  // The version that weights have now whose own is `version`: that of the
  // checkpoint gone on from, 0 for a new run. Never one that others were
  // published under, and never 0, which to subscribers means none.
  uint64_t First(uint64_t version) const;

  // Before `version` is published; ascending. Writes to disk once in many
  // versions, early enough to try again: where that fails (disk full) it is
  // logged, and an error only once the block is used up.
  absl::Status Reserve(uint64_t version);

  // `version` was the last; weights that were published under it are in a checkpoint.
  absl::Status Finish(uint64_t version);

 private:
  VersionBlock(std::string path, uint64_t end)
      : path_(std::move(path)), end_(end), renew_at_(end) {}
  absl::Status Write(uint64_t end);

  std::string path_;
  uint64_t end_;       // on disk; all that were published are below it
  uint64_t renew_at_;  // the version at which the next block is reserved
};

}  // namespace drover

#endif  // DROVER_LEARNER_VERSION_BLOCK_H_
