#include "deploy/doctor/machine.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover {
namespace {

constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

// The words of a small file; none: there is no such file.
std::vector<std::string> Words(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> words;
  for (std::string word; file >> word;) words.push_back(word);
  return words;
}

// The i-th word; nothing: it is no number ("max", "-1").
std::optional<uint64_t> Number(const std::vector<std::string>& words, size_t i) {
  uint64_t number = 0;
  if (i >= words.size() || !absl::SimpleAtoi(words[i], &number)) return std::nullopt;
  return number;
}

uint64_t NumberOr(const std::string& path, uint64_t otherwise) {
  return Number(Words(path), 0).value_or(otherwise);
}

// The control groups of this process that may bound what `controller` counts, the root's last, of
// both versions. A container sees its own group as the root, whatever /proc calls it.
std::vector<std::string> Groups(const std::string& root, const std::string& controller) {
  std::vector<std::string> groups;
  for (const std::string& line : Words(root + "/proc/self/cgroup")) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    const std::vector<std::string> controllers = absl::StrSplit(parts[1], ',');
    const bool second = parts[1].empty();
    if (!second &&
        std::find(controllers.begin(), controllers.end(), controller) == controllers.end()) {
      continue;
    }
    const std::string mount = absl::StrCat(root, "/sys/fs/cgroup", second ? "" : "/" + controller);
    for (std::filesystem::path path = parts[2]; path.has_relative_path();
         path = path.parent_path()) {
      groups.push_back(mount + path.string());
    }
    groups.push_back(mount);
  }
  return groups;
}

double Cores(const std::string& root) {
  cpu_set_t set;
  double cores = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
  for (const std::string& group : Groups(root, "cpu")) {
    std::vector<std::string> words = Words(group + "/cpu.max");  // quota and period
    if (words.empty()) {
      words = Words(group + "/cpu.cfs_quota_us");
      for (const std::string& period : Words(group + "/cpu.cfs_period_us")) words.push_back(period);
    }
    const std::optional<uint64_t> quota = Number(words, 0);
    const std::optional<uint64_t> period = Number(words, 1);
    if (!quota.has_value() || period.value_or(0) == 0) continue;
    cores = std::min(cores, static_cast<double>(*quota) / static_cast<double>(*period));
  }
  return cores;
}

uint64_t Memory(const std::string& root) {
  uint64_t bytes = 0;
  const std::vector<std::string> words = Words(root + "/proc/meminfo");
  const auto found = std::find(words.begin(), words.end(), "MemAvailable:");
  if (found != words.end()) {
    const auto value = static_cast<size_t>(found - words.begin()) + 1;
    bytes = Number(words, value).value_or(0) << 10;
  }
  for (const std::string& group : Groups(root, "memory")) {
    for (const char* file : {"/memory.max", "/memory.limit_in_bytes"}) {
      bytes = std::min(bytes, NumberOr(group + file, kUnlimited));
    }
  }
  return bytes;
}

uint64_t Threads(const std::string& root) {
  uint64_t threads = NumberOr(root + "/proc/sys/kernel/threads-max", kUnlimited);
  rlimit limit{};
  // It does not bind root.
  if (geteuid() != 0 && getrlimit(RLIMIT_NPROC, &limit) == 0) {
    threads = std::min<uint64_t>(threads, limit.rlim_cur);
  }
  for (const std::string& group : Groups(root, "pids")) {
    threads = std::min(threads, NumberOr(group + "/pids.max", kUnlimited));
  }
  return threads;
}

uint64_t OpenFiles() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
}

}  // namespace

Machine ReadMachine(const std::string& root) {
  Machine machine;
  machine.cores = Cores(root);
  machine.memory_bytes = Memory(root);
  machine.open_files = OpenFiles();
  machine.threads = Threads(root);
  machine.nvidia_driver = std::filesystem::exists(root + "/proc/driver/nvidia/version");
  return machine;
}

}  // namespace drover
