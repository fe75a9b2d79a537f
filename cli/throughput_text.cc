#include "cli/throughput_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/human.h"

namespace drover {
namespace {

using nlohmann::ordered_json;

constexpr double kMiB = 1 << 20;
constexpr double kSettled = 120;  // seconds after which resident memory should grow no more

std::string Percent(double share) { return absl::StrFormat("%.1f%%", 100 * share); }
std::string MiB(uint64_t bytes) {
  return absl::StrFormat("%.1f MiB", static_cast<double>(bytes) / kMiB);
}

double LeastAccounted(const Throughput& result) {
  double least = 1;
  for (const Throughput::Thread& thread : result.threads) least = std::min(least, thread.sum());
  return least;
}

std::string ThreadLine(const Throughput::Thread& thread) {
  std::string line = absl::StrFormat("  %-18s", thread.name);
  for (const auto& [name, share] : thread.parts) {
    absl::StrAppend(&line, " ", name, " ", Percent(share), " ");
  }
  return absl::StrCat(line, " sum ", Percent(thread.sum()), "\n");
}

std::string ProcessLine(const Throughput::Process& process, int cores) {
  return absl::StrFormat("  %-18s CPU %6s  resident %10s  private %10s\n", process.name,
                         Percent(process.cores / cores), MiB(process.usage.resident_bytes),
                         MiB(process.usage.private_bytes));
}

// Of a series of memory since it settled; "" where it is too short for that.
std::string GrowthLine(const std::vector<MemoryPoint>& memory) {
  const auto first = std::find_if(memory.begin(), memory.end(),
                                  [](const MemoryPoint& p) { return p.seconds >= kSettled; });
  if (first == memory.end() || first->seconds == memory.back().seconds) return "";
  const auto growth = [](uint64_t from, uint64_t to) {
    return absl::StrFormat("%s, then %s: %+.2f%%", MiB(from), MiB(to),
                           100 * (static_cast<double>(to) / static_cast<double>(from) - 1));
  };
  const MemoryPoint& last = memory.back();
  return absl::StrCat("resident after ", FormatDuration(first->seconds), " and ",
                      FormatDuration(last.seconds), "\n  learner     ",
                      growth(first->learner, last.learner), "\n  coordinator ",
                      growth(first->coordinator, last.coordinator), "\n");
}

}  // namespace

std::string ThroughputText(const ThroughputRun& run) {
  const Throughput& r = run.throughput;
  std::string text = absl::StrCat(
      "measured    ", FormatNumber(r.seconds), " s on ", r.cores, " cores, load ",
      FormatNumber(r.load), " before\n", "frames      ", FormatNumber(r.frames_per_second),
      "/s trained   ", FormatNumber(r.received_frames_per_second), "/s received   ",
      FormatNumber(r.frames_per_cpu_second), " a CPU second\n", "versions    ",
      FormatNumber(r.versions_per_second), "/s\n", "batch       ", r.batch_unrolls, " unrolls, ",
      FormatCount(r.batch_steps), " steps\n", "policy lag  ", FormatNumber(r.lag_mean),
      ", at most ", r.lag_max, "   dropped ", r.dropped_unrolls, " unrolls\n",
      "threads: share of their time\n");
  for (const Throughput::Thread& thread : r.threads) absl::StrAppend(&text, ThreadLine(thread));
  absl::StrAppend(&text, "  learner 0 receive  ", Percent(r.receive_cores),
                  " of a core, on gRPC's threads\n", "processes: share of all cores, memory\n");
  for (const Throughput::Process& process : r.processes) {
    absl::StrAppend(&text, ProcessLine(process, r.cores));
  }
  return absl::StrCat(text, GrowthLine(run.memory));
}

ordered_json ThroughputJson(const ThroughputRun& run) {
  const Throughput& r = run.throughput;
  ordered_json json;
  json["seconds"] = r.seconds;
  json["frames_per_second"] = r.frames_per_second;
  json["received_frames_per_second"] = r.received_frames_per_second;
  json["acted_frames_per_second"] = r.acted_frames_per_second;
  json["versions_per_second"] = r.versions_per_second;
  json["frames_per_cpu_second"] = r.frames_per_cpu_second;
  json["batch_unrolls"] = r.batch_unrolls;
  json["batch_steps"] = r.batch_steps;
  json["lag_mean"] = r.lag_mean;
  json["lag_max"] = r.lag_max;
  json["dropped_unrolls"] = r.dropped_unrolls;
  json["cores"] = r.cores;
  json["load"] = r.load;
  json["receive_share"] = r.receive_cores;
  json["least_accounted"] = LeastAccounted(r);
  for (const Throughput::Thread& thread : r.threads) {
    ordered_json& parts = json["threads"][thread.name];
    for (const auto& [name, share] : thread.parts) parts[name] = share;
    parts["sum"] = thread.sum();
  }
  for (const Throughput::Process& process : r.processes) {
    json["processes"][process.name] = {{"cpu_share", process.cores / r.cores},
                                       {"resident_bytes", process.usage.resident_bytes},
                                       {"private_bytes", process.usage.private_bytes}};
  }
  json["memory"] = ordered_json::array();
  for (const MemoryPoint& point : run.memory) {
    json["memory"].push_back({{"seconds", point.seconds},
                              {"learner_bytes", point.learner},
                              {"coordinator_bytes", point.coordinator}});
  }
  return json;
}

}  // namespace drover
