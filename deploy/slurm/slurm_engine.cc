#include "deploy/slurm/slurm_engine.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/rpc/run_address.h"
#include "common/status_macros.h"
#include "coordinator/coordinator_main.h"
#include "coordinator/run_memory.h"
#include "deploy/command.h"
#include "deploy/log_command.h"
#include "deploy/restart_policy.h"
#include "deploy/slurm/slurm_jobs.h"
#include "deploy/slurm/slurm_nodes.h"
#include "deploy/slurm/slurm_queue.h"
#include "deploy/slurm/slurm_script.h"
#include "deploy/supervisor.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kSettledPause{5000};
constexpr std::chrono::milliseconds kPause{1000};  // while something is under way
constexpr std::chrono::milliseconds kDownPause{300};
constexpr std::chrono::seconds kCancelLimit{90};  // Slurm's KillWait is 30 s, as a rule
constexpr int kQuotedLines = 15;
constexpr Place kCoordinator{Role::coordinator, 0};

std::string RunIdOf(const std::string& run_dir) {
  const absl::StatusOr<RunMemory> memory = ReadRunMemory(run_dir);
  return memory.ok() ? memory->run_id() : "";
}

class SlurmEngine final : public Engine {
 public:
  explicit SlurmEngine(Placement placement)
      : placement_(std::move(placement)), run_id_(RunIdOf(placement_.run_dir)), queue_(run_id_) {}

  absl::Status Check() override {
    const auto sinfo =
        CommandOutput({"sinfo", "--noheader", "--Node", "--format", kSlurmNodeFormat});
    if (!sinfo.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("there is no Slurm to submit to: ", sinfo.status().message()));
    }
    DROVER_ASSIGN_OR_RETURN(const std::vector<SlurmNode> nodes, ParseSlurmNodes(*sinfo));
    DROVER_RETURN_IF_ERROR(CheckSlurmFits(placement_.experiment, nodes));
    DROVER_ASSIGN_OR_RETURN(const std::string config,
                            CommandOutput({"scontrol", "show", "config"}));
    return CheckSlurmArrays(placement_.experiment, config);
  }

  absl::Status Prepare() override {
    DROVER_RETURN_IF_ERROR(MakeDirectories(absl::StrCat(placement_.run_dir, "/slurm")));
    std::set<Role::Kind> roles;
    for (const Place& place : Places(placement_.experiment, 1)) roles.insert(place.role);
    for (const Role::Kind role : roles) {
      DROVER_RETURN_IF_ERROR(WriteFile(SlurmScriptPath(placement_.run_dir, role),
                                       SlurmScript(placement_, run_id_, role)));
    }
    return absl::OkStatus();
  }

  absl::Status Tend(const Desired& desired) override {
    if (absl::Status status = Look(); !status.ok()) return Passing(status);
    const Clock::time_point now = Clock::now();
    DROVER_RETURN_IF_ERROR(NoticeDeaths(desired, now));
    settled_ = desired.state <= RunState::running && jobs_.Settled();
    if (over_) return absl::OkStatus();
    Changes changes = Reconcile(placement_.experiment, desired, jobs_.Placed());
    const auto held_back = [&](const Place& place) { return jobs_.HeldBack(place, now); };
    changes.start.erase(std::remove_if(changes.start.begin(), changes.start.end(), held_back),
                        changes.start.end());
    if (!changes.start.empty() || !changes.end.empty()) settled_ = false;
    if (absl::Status status = Start(changes.start); !status.ok()) return Passing(status);
    return Passing(End(changes.end));
  }

  std::chrono::milliseconds pause() const override { return settled_ ? kSettledPause : kPause; }
  bool Over() const override { return over_; }
  int left() const override { return static_cast<int>(jobs_.all().size()); }

  absl::Status Down(std::chrono::milliseconds grace) override {
    const Clock::time_point end = Clock::now() + grace;
    const Clock::time_point limit = end + kCancelLimit;
    std::set<std::string> cancelled;
    while (true) {
      const absl::Status looked = Look();
      if (looked.ok() && jobs_.all().empty()) return absl::OkStatus();
      if (Clock::now() >= limit) {
        return absl::DeadlineExceededError(
            absl::StrCat(left(), " jobs of the run are still in the queue: squeue --name=",
                         SlurmJobName(run_id_, Role::actor), ",… ", looked.message()));
      }
      if (looked.ok()) Cancel(/*all=*/Clock::now() >= end, &cancelled);
      std::this_thread::sleep_for(kDownPause);
    }
  }

  absl::Status Verdict() const override {
    const auto text = ReadFile(absl::StrCat(placement_.run_dir, "/", kSummaryFile));
    const auto summary = nlohmann::json::parse(text.value_or(""), nullptr, /*exceptions=*/false);
    if (summary.is_object() && summary.value("end_reason", "") != "failed") {
      return absl::OkStatus();
    }
    return absl::AbortedError(absl::StrCat("the run failed; ", LogEnd({Role::learner, 0})));
  }

  absl::StatusOr<std::string> CoordinatorAddress() override {
    return FindCoordinator(absl::StrCat("run:", placement_.run_dir));
  }

  std::vector<std::string> LogCommand(const Place& place, bool follow) const override {
    return LogFileCommand(placement_.run_dir, place, follow);
  }

 private:
  // What Slurm does not answer now it will the next time.
  absl::Status Passing(const absl::Status& status) {
    if (!absl::IsUnavailable(status)) {
      if (status.ok()) silent_ = false;
      return status;
    }
    if (!silent_) spdlog::warn("Slurm does not answer, trying on: {}", status.ToString());
    silent_ = true;
    return absl::OkStatus();
  }

  absl::Status Look() {
    DROVER_ASSIGN_OR_RETURN(std::vector<SlurmJob> jobs, queue_.List());
    jobs_.Look(std::move(jobs));
    over_ = !jobs_.Has(kCoordinator) &&
            std::filesystem::exists(absl::StrCat(placement_.run_dir, "/", kSummaryFile));
    return absl::OkStatus();
  }

  absl::Status NoticeDeaths(const Desired& desired, Clock::time_point now) {
    if (over_ || desired.closing || desired.state >= RunState::draining) return absl::OkStatus();
    for (const Place& place : jobs_.lost()) {
      spdlog::warn("{} is gone from the queue", place.ToString());
      if (jobs_.Died(place, now)) continue;
      return absl::AbortedError(absl::StrCat(place.ToString(), " died ", RestartPolicy::kMaxDeaths,
                                             " times within a minute; ", LogEnd(place)));
    }
    return absl::OkStatus();
  }

  std::string LogEnd(const Place& place) const {
    const std::string log = LogCommand(place, /*follow=*/false).back();
    return absl::StrCat("the end of ", log, ":\n", LogTail(log, kQuotedLines));
  }

  // Each role by one submission. The others would only wait for a coordinator that is still queued.
  absl::Status Start(const std::vector<Place>& places) {
    std::map<Role::Kind, std::vector<Place>> by_role;
    for (const Place& place : places) {
      if (place == kCoordinator || jobs_.Runs(kCoordinator)) by_role[place.role].push_back(place);
    }
    for (const auto& [role, its] : by_role) {
      std::vector<uint32_t> indexes;
      for (const Place& place : its) indexes.push_back(place.index);
      DROVER_RETURN_IF_ERROR(queue_.Submit(SlurmScriptPath(placement_.run_dir, role),
                                           IsSlurmArray(role) ? indexes : std::vector<uint32_t>()));
      jobs_.Submitted(its);
    }
    return absl::OkStatus();
  }

  absl::Status End(const std::vector<Place>& places) {
    if (places.empty()) return absl::OkStatus();
    DROVER_RETURN_IF_ERROR(queue_.Cancel(jobs_.Ids(places)));
    jobs_.Ending(places);
    return absl::OkStatus();
  }

  // Of a run that is ending all jobs, or only actors that still wait for a node; each once.
  void Cancel(bool all, std::set<std::string>* cancelled) {
    std::vector<std::string> ids;
    for (const SlurmJob& job : jobs_.all()) {
      const bool useless = job.place.role == Role::actor && job.waits();
      if ((all || useless) && !job.completes() && cancelled->count(job.id) == 0) {
        ids.push_back(job.id);
      }
    }
    if (!ids.empty() && queue_.Cancel(ids).ok()) cancelled->insert(ids.begin(), ids.end());
  }

  const Placement placement_;
  const std::string run_id_;
  const SlurmQueue queue_;
  SlurmJobs jobs_;
  bool over_ = false;
  bool settled_ = false;
  bool silent_ = false;  // Slurm does not answer
};

}  // namespace

std::unique_ptr<Engine> MakeSlurmEngine(const Placement& placement) {
  return std::make_unique<SlurmEngine>(placement);
}

}  // namespace drover
