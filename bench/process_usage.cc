#include "bench/process_usage.h"

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace drover {
namespace {

// Of /proc/PID/stat, counted from the one after the name, which ends with the last ")".
constexpr size_t kUserTicks = 11;
constexpr size_t kSystemTicks = 12;

absl::StatusOr<double> CpuSeconds(const std::string& directory) {
  DROVER_ASSIGN_OR_RETURN(const std::string stat, ReadFile(directory + "stat"));
  const size_t name_end = stat.rfind(')');
  const std::vector<absl::string_view> fields =
      absl::StrSplit(absl::string_view(stat).substr(name_end + 1), ' ', absl::SkipEmpty());
  uint64_t user = 0;
  uint64_t system = 0;
  if (name_end == std::string::npos || fields.size() <= kSystemTicks ||
      !absl::SimpleAtoi(fields[kUserTicks], &user) ||
      !absl::SimpleAtoi(fields[kSystemTicks], &system)) {
    return absl::InternalError(absl::StrCat("cannot read ", directory, "stat"));
  }
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// The value of a line "Name:   123 kB"; 0: there is none.
uint64_t Bytes(absl::string_view text, absl::string_view name) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    uint64_t kilobytes = 0;
    if (words.size() == 3 && words[0] == name && absl::SimpleAtoi(words[1], &kilobytes)) {
      return kilobytes << 10;
    }
  }
  return 0;
}

}  // namespace

absl::StatusOr<ProcessUsage> ReadProcessUsage(pid_t pid) {
  const std::string directory = absl::StrCat("/proc/", pid, "/");
  ProcessUsage usage;
  DROVER_ASSIGN_OR_RETURN(usage.cpu_seconds, CpuSeconds(directory));
  DROVER_ASSIGN_OR_RETURN(const std::string memory, ReadFile(directory + "smaps_rollup"));
  usage.resident_bytes = Bytes(memory, "Rss:");
  usage.private_bytes = Bytes(memory, "Private_Dirty:");
  return usage;
}

double LoadAverage() {
  double load = -1;
  return getloadavg(&load, 1) == 1 ? load : -1;
}

}  // namespace drover
