#include "bench/control_bench.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/process_usage.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/process.h"
#include "common/status_macros.h"
#include "deploy/coordinator_client.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

constexpr double kPatience = 120;  // seconds for all to be there
constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::seconds kSample{1};
constexpr char kAnyPort[] = "127.0.0.1:0";

class Bench {
 public:
  Bench(const ControlCase& options, std::string drover, const StopSignal& stop, RunDir run)
      : options_(options), drover_(std::move(drover)), stop_(stop), run_(std::move(run)) {}

  absl::StatusOr<ControlResult> Run(const Plan& plan) {
    result_.load = LoadAverage();
    DROVER_RETURN_IF_ERROR(run_.WriteConfig(plan.experiment(), plan.spec()));
    DROVER_RETURN_IF_ERROR(Start("coordinator", {"coordinator", "--run_dir", run_.path(),
                                                 "--listen", kAnyPort, "--http", kAnyPort}));
    DROVER_RETURN_IF_ERROR(WaitForMembers(0));
    const double before = MonotonicSeconds();
    DROVER_RETURN_IF_ERROR(StartStubs());
    DROVER_RETURN_IF_ERROR(WaitForMembers(options_.actors + 1));
    result_.joined_seconds = MonotonicSeconds() - before;
    DROVER_RETURN_IF_ERROR(Watch());
    return result_;
  }

 private:
  absl::Status Start(const std::string& name, std::vector<std::string> arguments) {
    ProcessOptions process;
    process.command = {drover_};
    process.command.insert(process.command.end(), arguments.begin(), arguments.end());
    process.log_path = LogPath(run_.path(), name, processes_.size());
    DROVER_ASSIGN_OR_RETURN(Process started, Process::Start(process));
    processes_.push_back(std::move(started));
    logs_.push_back(process.log_path);
    return absl::OkStatus();
  }

  absl::Status StartStubs() {
    for (int i = 0; i < options_.processes; ++i) {
      const int first = options_.actors * i / options_.processes;
      const int end = options_.actors * (i + 1) / options_.processes;
      std::vector<std::string> arguments = {
          "bench",         "members",           "--coordinator", absl::StrCat("run:", run_.path()),
          "--first_actor", absl::StrCat(first), "--actors",      absl::StrCat(end - first)};
      if (i == 0) arguments.push_back("--learner");
      DROVER_RETURN_IF_ERROR(Start("members", arguments));
    }
    return absl::OkStatus();
  }

  // OK: all processes run.
  absl::Status CheckProcesses() {
    if (stop_.requested()) return absl::CancelledError("interrupted");
    for (size_t i = 0; i < processes_.size(); ++i) {
      const auto exit = processes_[i].Poll();
      if (!exit.has_value()) continue;
      const auto said = ReadFile(logs_[i]);
      return absl::AbortedError(
          absl::StrCat(logs_[i], ": ", exit->ToString(), "\n", said.ok() ? *said : std::string()));
    }
    return absl::OkStatus();
  }

  absl::Status WaitForMembers(int count) {
    const double deadline = MonotonicSeconds() + kPatience;
    while (true) {
      DROVER_RETURN_IF_ERROR(CheckProcesses());
      const absl::StatusOr<StatusReply> status = Status();
      if (status.ok() && Alive(*status) == count) return absl::OkStatus();
      if (MonotonicSeconds() > deadline) {
        return absl::DeadlineExceededError(
            status.ok() ? absl::StrCat(Alive(*status), " of ", count, " members joined")
                        : status.status().ToString());
      }
      stop_.WaitUntil(std::chrono::steady_clock::now() + kLook);
    }
  }

  absl::StatusOr<StatusReply> Status() const {
    DROVER_ASSIGN_OR_RETURN(CoordinatorClient client, CoordinatorClient::OfRun(run_.path()));
    return client.Status();
  }

  static int Alive(const StatusReply& status) {
    return static_cast<int>(
        std::count_if(status.members().begin(), status.members().end(),
                      [](const MemberStatus& member) { return member.alive(); }));
  }

  // Of the coordinator, and of all the others together.
  absl::StatusOr<std::pair<ProcessUsage, ProcessUsage>> Usage() const {
    std::pair<ProcessUsage, ProcessUsage> usage;
    DROVER_ASSIGN_OR_RETURN(usage.first, ReadProcessUsage(processes_.front().pid()));
    for (size_t i = 1; i < processes_.size(); ++i) {
      DROVER_ASSIGN_OR_RETURN(const ProcessUsage one, ReadProcessUsage(processes_[i].pid()));
      usage.second.cpu_seconds += one.cpu_seconds;
    }
    return usage;
  }

  absl::Status Watch() {
    DROVER_ASSIGN_OR_RETURN(StatusReply status, Status());
    const DashboardViewer viewer(status.dashboard());
    DROVER_ASSIGN_OR_RETURN(const auto before, Usage());
    auto after = before;
    const double begin = MonotonicSeconds();
    double now = begin;
    while (now < begin + options_.seconds) {
      stop_.WaitUntil(std::chrono::steady_clock::now() + kSample);
      DROVER_RETURN_IF_ERROR(CheckProcesses());
      DROVER_ASSIGN_OR_RETURN(after, Usage());
      now = MonotonicSeconds();
      result_.coordinator_bytes = std::max(result_.coordinator_bytes, after.first.resident_bytes);
    }
    result_.coordinator_cores =
        (after.first.cpu_seconds - before.first.cpu_seconds) / (now - begin);
    result_.stub_cores = (after.second.cpu_seconds - before.second.cpu_seconds) / (now - begin);
    result_.dashboard = viewer.Now();
    DROVER_ASSIGN_OR_RETURN(status, Status());
    for (const Event& event : status.events()) result_.lost += event.kind() == Event::lost ? 1 : 0;
    return absl::OkStatus();
  }

  const ControlCase& options_;
  const std::string drover_;
  const StopSignal& stop_;
  const RunDir run_;
  ControlResult result_;
  std::vector<Process> processes_;  // the coordinator's first
  std::vector<std::string> logs_;   // of each
};

}  // namespace

absl::StatusOr<ControlResult> MeasureControl(const ControlCase& options, const Plan& plan,
                                             const std::string& drover, const StopSignal& stop) {
  DROVER_ASSIGN_OR_RETURN(const TempDirectory directory, TempDirectory::Make());
  DROVER_ASSIGN_OR_RETURN(RunDir run, RunDir::Open(directory.path() + "/run", /*resume=*/false));
  return Bench(options, drover, stop, std::move(run)).Run(plan);
}

}  // namespace drover
