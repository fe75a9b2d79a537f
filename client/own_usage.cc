#include "client/own_usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace drover {
namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// Not through common/file.h: each second of each process, so nothing is allocated.
uint64_t ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  char line[128] = {};
  const bool read = std::fgets(line, sizeof(line), file) != nullptr;
  std::fclose(file);
  if (!read) return 0;
  char* rest = line;
  std::strtoull(rest, &rest, 10);  // the size of its address space
  const uint64_t resident = std::strtoull(rest, nullptr, 10);
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

Usage OwnUsage() {
  Usage usage;
  usage.set_resident_bytes(ResidentBytes());
  rusage times = {};
  if (getrusage(RUSAGE_SELF, &times) == 0) {
    usage.set_cpu_seconds(Seconds(times.ru_utime) + Seconds(times.ru_stime));
  }
  return usage;
}

}  // namespace drover
