#include "deploy/doctor/demand.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/spec.h"
#include "deploy/reconcile.h"
#include "deploy/resources.h"

namespace drover {
namespace {

constexpr uint64_t kMib = 1 << 20;
constexpr uint64_t kAgentMemory = 100 * kMib;  // with LibTorch, beside what all share
constexpr uint64_t kOtherMemory = 50 * kMib;
constexpr uint64_t kItemBytes = 104;  // of a replayed item, beside its steps (replay/store.h)
constexpr uint64_t kFilesOfAProcess = 64;
constexpr uint64_t kFilesOfAnActor = 3;  // at the learner: its connections, and one that is new
constexpr uint64_t kThreadsOfAProcess = 32;
constexpr double kCrowded = 4;  // processes a core, of those that compute

bool Computes(Role::Kind role) { return role != Role::coordinator; }

// Of one step of one environment, as it lies in replay.
uint64_t StepBytes(const Spec& spec) {
  uint64_t bytes = 0;
  for (const Leaf& leaf : spec.leaves()) {
    const bool each_step = leaf.rate() == Leaf::per_observation || leaf.rate() == Leaf::per_step;
    if (each_step) bytes += ValueBytes(leaf);
  }
  return bytes;
}

// Of a server whose tables are full, as far as the budget fills them. Items of several tables share
// their steps.
uint64_t ReplayBytes(const Plan& plan) {
  uint64_t items = 0;
  uint64_t steps = 0;
  for (const ReplayTable& table : plan.experiment().replay().tables()) {
    items += table.capacity();
    steps = std::max<uint64_t>(steps, table.capacity());
  }
  steps = std::min(steps, plan.experiment().budget().max_frames());
  return steps * StepBytes(plan.spec()) + items * kItemBytes;
}

uint64_t MemoryOf(const Plan& plan, Role::Kind role) {
  const Resources& asked = AskedOf(plan.experiment(), role);
  if (asked.has_memory_mib()) return asked.memory_mib() * kMib;
  if (role == Role::replay) return kOtherMemory + ReplayBytes(plan);
  return role == Role::coordinator ? kOtherMemory : kAgentMemory;
}

std::string Gib(uint64_t bytes) {
  return absl::StrFormat("%.1f GiB", static_cast<double>(bytes) / static_cast<double>(kMib << 10));
}

// The flag for `share` of what there are, to two digits.
std::string Fewer(const std::string& flag, uint64_t number, double share) {
  const double less = std::max(1.0, std::floor(static_cast<double>(number) * share));
  const double digit = std::pow(10, std::max(0.0, std::floor(std::log10(less)) - 1));
  return absl::StrFormat("%s%.0f", flag, std::floor(less / digit) * digit);
}

Finding CheckCores(const Demand& demand, const Machine& machine) {
  const std::string what = "cores";
  const std::string found =
      absl::StrFormat("%d processes that compute, %g cores", demand.cores, machine.cores);
  if (static_cast<double>(demand.cores) <= kCrowded * machine.cores) return Ok(what, found);
  return Warning(what, absl::StrCat(found, ": unless environments are slow, most of them wait"),
                 Fewer("--actors ", demand.actors,
                       kCrowded * machine.cores / static_cast<double>(demand.cores)));
}

Finding CheckMemory(const Demand& demand, const Machine& machine) {
  const std::string what = "memory";
  const std::string found = absl::StrCat("about ", Gib(demand.memory_bytes), " wanted, ",
                                         Gib(machine.memory_bytes), " free");
  if (demand.memory_bytes <= machine.memory_bytes) return Ok(what, found);
  const double share =
      static_cast<double>(machine.memory_bytes) / static_cast<double>(demand.memory_bytes);
  const bool replay = demand.replay_bytes > demand.memory_bytes / 2;
  return Wrong(what, found,
               replay ? Fewer("--set replay.tables.capacity=", demand.replay_items, share)
                      : Fewer("--actors ", demand.actors, share));
}

// What a shell's limit allows each process or person.
Finding CheckLimit(const std::string& what, const std::string& wants, uint64_t wanted,
                   uint64_t allowed, const std::string& raise, const std::string& elsewhere) {
  const std::string found = absl::StrCat(wants, ", ", allowed, " allowed");
  if (wanted <= allowed) return Ok(what, found);
  return Wrong(what, found, absl::StrCat(raise, " ", wanted, "  # ", elsewhere));
}

Finding CheckOpenFiles(const Demand& demand, const Machine& machine) {
  return CheckLimit("open files", absl::StrCat("up to ", demand.open_files, " a process"),
                    demand.open_files, machine.open_files, "ulimit -n",
                    "as root; for good: LimitNOFILE= of its systemd unit, or nofile in "
                    "/etc/security/limits.conf");
}

Finding CheckThreads(const Demand& demand, const Machine& machine) {
  return CheckLimit("threads", absl::StrCat("about ", demand.threads, " wanted"), demand.threads,
                    machine.threads, "ulimit -u",
                    "of a container: --pids-limit; of the machine: sysctl kernel.threads-max");
}

}  // namespace

Demand DemandOf(const Plan& plan) {
  const Experiment& experiment = plan.experiment();
  Demand demand;
  for (const Place& place : Places(experiment, experiment.actors().count())) {
    const uint64_t memory = MemoryOf(plan, place.role);
    demand.memory_bytes += memory;
    if (place.role == Role::replay) demand.replay_bytes += memory;
    demand.threads += kThreadsOfAProcess;
    const Resources resources = ResourcesOf(experiment, place.role);
    demand.gpus += resources.gpus();
    if (!Computes(place.role)) continue;
    const uint32_t threads = place.role == Role::learner ? experiment.learner().threads() : 1;
    demand.cores += std::max(resources.cores(), threads);
  }
  demand.actors = experiment.actors().count();
  demand.open_files = kFilesOfAProcess + kFilesOfAnActor * demand.actors;
  for (const ReplayTable& table : experiment.replay().tables()) {
    demand.replay_items += table.capacity();
  }
  return demand;
}

Findings CheckDemand(const Demand& demand, const Machine& machine) {
  return {CheckCores(demand, machine), CheckMemory(demand, machine),
          CheckOpenFiles(demand, machine), CheckThreads(demand, machine)};
}

}  // namespace drover
