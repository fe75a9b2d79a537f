#include "coordinator/run_memory.h"

#include <google/protobuf/text_format.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace drover {
namespace {

std::string Path(const std::string& run_dir) { return absl::StrCat(run_dir, "/", kMemoryFile); }

}  // namespace

absl::StatusOr<RunMemory> ReadRunMemory(const std::string& run_dir) {
  DROVER_ASSIGN_OR_RETURN(const std::string text, ReadFile(Path(run_dir)));
  RunMemory memory;
  if (!google::protobuf::TextFormat::ParseFromString(text, &memory) || memory.run_id().empty()) {
    return absl::DataLossError(absl::StrCat(
        Path(run_dir), " is damaged; without it, --resume goes on from the newest checkpoint"));
  }
  return memory;
}

absl::Status WriteRunMemory(const std::string& run_dir, const RunMemory& memory) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(memory, &text);
  return WriteFile(Path(run_dir), text);
}

absl::StatusOr<RunMemory> BeginLaunch(const std::string& run_dir, const std::string& name) {
  absl::StatusOr<RunMemory> before = ReadRunMemory(run_dir);
  if (!before.ok() && !absl::IsNotFound(before.status())) return before.status();
  RunMemory memory;
  memory.set_run_id(absl::StrCat(name, "-", UnixMicros(), "-", getpid()));
  // The clock is above what was granted where that was lost.
  memory.set_next_epoch(UnixMicros());
  if (before.ok()) {
    memory.set_next_epoch(std::max(memory.next_epoch(), before->next_epoch()));
    memory.set_table_version(before->table_version());
  }
  DROVER_RETURN_IF_ERROR(WriteRunMemory(run_dir, memory));
  return memory;
}

}  // namespace drover
