#ifndef DROVER_LEARNER_TENSORBOARD_H_
#define DROVER_LEARNER_TENSORBOARD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/append_file.h"

namespace drover {

// Writes an event file that TensorBoard reads: records of
//   uint64 length, masked CRC-32C of it, an Event message, masked CRC-32C of it.
// Each writer has a file of its own; TensorBoard puts the files of a directory
// together. Not thread-safe.
class TensorboardWriter {
 public:
  // Creates the directory and a file in it.
  static absl::StatusOr<std::unique_ptr<TensorboardWriter>> Open(const std::string& directory);

  // One point of each curve; `step` is what TensorBoard draws over.
  void Add(int64_t step, const std::map<std::string, double>& values);

  // Hands what was added to the system. After an error (disk full) it is lost;
  // later points are tried again.
  absl::Status Flush();

  const std::string& path() const { return file_.path(); }

 private:
  explicit TensorboardWriter(AppendFile file) : file_(std::move(file)) {}

  AppendFile file_;
  std::string pending_;  // whole records
};

}  // namespace drover

#endif  // DROVER_LEARNER_TENSORBOARD_H_
