#include "deploy/slurm/slurm_engine.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/rpc/run_address.h"
#include "common/status_macros.h"
#include "coordinator/coordinator_main.h"
#include "coordinator/run_memory.h"
#include "deploy/command.h"
#include "deploy/log_command.h"
#include "deploy/restart_policy.h"
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
constexpr char kPending[] = "PENDING";
constexpr char kRunning[] = "RUNNING";
constexpr char kCompleting[] = "COMPLETING";  // its processes are being ended

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
    return CheckArraySize();
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
    settled_ = desired.state <= RunState::running && ending_.empty() && waiting_.empty();
    for (const SlurmJob& job : jobs_) settled_ = settled_ && job.state != kPending;
    if (over_) return absl::OkStatus();
    Changes changes = Reconcile(placement_.experiment, desired, Placed());
    const auto held_back = [&](const Place& place) {
      const auto found = waiting_.find(place);
      return found != waiting_.end() && now < found->second;
    };
    changes.start.erase(std::remove_if(changes.start.begin(), changes.start.end(), held_back),
                        changes.start.end());
    if (!changes.start.empty() || !changes.end.empty()) settled_ = false;
    if (absl::Status status = Start(changes.start); !status.ok()) return Passing(status);
    return Passing(End(changes.end));
  }

  std::chrono::milliseconds pause() const override { return settled_ ? kSettledPause : kPause; }
  bool Over() const override { return over_; }
  int left() const override { return static_cast<int>(jobs_.size()); }

  absl::Status Down(std::chrono::milliseconds grace) override {
    const Clock::time_point end = Clock::now() + grace;
    const Clock::time_point limit = end + kCancelLimit;
    bool cancelled = false;
    while (true) {
      const absl::Status looked = Look();
      if (looked.ok() && jobs_.empty()) return absl::OkStatus();
      if (Clock::now() >= limit) {
        return absl::DeadlineExceededError(
            absl::StrCat(jobs_.size(), " jobs of the run are still in the queue: squeue --name=",
                         SlurmJobName(run_id_, Role::actor), ",… ", looked.message()));
      }
      if (looked.ok() && !cancelled && Clock::now() >= end) {
        std::vector<std::string> ids;
        for (const SlurmJob& job : jobs_) ids.push_back(job.id);
        cancelled = queue_.Cancel(ids).ok();
      }
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
  // Actors are numbered by their array.
  absl::Status CheckArraySize() const {
    DROVER_ASSIGN_OR_RETURN(const std::string config,
                            CommandOutput({"scontrol", "show", "config"}));
    for (const absl::string_view line : absl::StrSplit(config, '\n')) {
      const std::vector<absl::string_view> words =
          absl::StrSplit(line, absl::ByAnyChar(" ="), absl::SkipEmpty());
      uint32_t size = 0;
      if (words.size() != 2 || words[0] != "MaxArraySize" || !absl::SimpleAtoi(words[1], &size)) {
        continue;
      }
      const uint32_t actors = placement_.experiment.actors().count();
      if (actors <= size) return absl::OkStatus();
      return absl::FailedPreconditionError(absl::StrCat("this Slurm's MaxArraySize allows ", size,
                                                        " actors; this run wants ", actors));
    }
    return absl::OkStatus();
  }

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
    DROVER_ASSIGN_OR_RETURN(jobs_, queue_.List());
    std::set<Place> there;
    for (const SlurmJob& job : jobs_) there.insert(job.place);
    for (auto place = ending_.begin(); place != ending_.end();) {
      place = there.count(*place) > 0 ? std::next(place) : ending_.erase(place);
    }
    lost_.clear();
    for (const Place& place : there_) {
      if (there.count(place) == 0 && told_.count(place) == 0) lost_.push_back(place);
    }
    for (const Place& place : there) waiting_.erase(place);
    told_ = ending_;
    there_ = std::move(there);
    over_ = there_.count({Role::coordinator, 0}) == 0 &&
            std::filesystem::exists(absl::StrCat(placement_.run_dir, "/", kSummaryFile));
    return absl::OkStatus();
  }

  // Jobs that are gone though nobody told them to: requeued ones are not.
  absl::Status NoticeDeaths(const Desired& desired, Clock::time_point now) {
    if (over_ || desired.closing || desired.state >= RunState::draining) return absl::OkStatus();
    for (const Place& place : lost_) {
      spdlog::warn("{} is gone from the queue", place.ToString());
      const auto wait = policies_[place].Died(now);
      if (!wait.has_value()) {
        return absl::AbortedError(absl::StrCat(place.ToString(), " died ",
                                               RestartPolicy::kMaxDeaths,
                                               " times within a minute; ", LogEnd(place)));
      }
      waiting_[place] = now + *wait;
    }
    return absl::OkStatus();
  }

  std::string LogEnd(const Place& place) const {
    const std::string log = LogCommand(place, /*follow=*/false).back();
    return absl::StrCat("the end of ", log, ":\n", LogTail(log, kQuotedLines));
  }

  std::vector<drover::Placed> Placed() const {
    std::vector<drover::Placed> placed;
    for (const SlurmJob& job : jobs_) {
      placed.push_back({job.place, job.state == kCompleting || ending_.count(job.place) > 0});
    }
    return placed;
  }

  // Each role by one submission. The others would only wait for a coordinator that is still queued.
  absl::Status Start(const std::vector<Place>& places) {
    const bool served = std::any_of(jobs_.begin(), jobs_.end(), [](const SlurmJob& job) {
      return job.place.role == Role::coordinator && job.state == kRunning;
    });
    std::map<Role::Kind, std::vector<uint32_t>> indexes;
    for (const Place& place : places) {
      if (served || place.role == Role::coordinator) indexes[place.role].push_back(place.index);
    }
    for (const auto& [role, its] : indexes) {
      DROVER_RETURN_IF_ERROR(queue_.Submit(SlurmScriptPath(placement_.run_dir, role),
                                           IsSlurmArray(role) ? its : std::vector<uint32_t>()));
      for (const uint32_t index : its) there_.insert({role, index});
    }
    return absl::OkStatus();
  }

  absl::Status End(const std::vector<Place>& places) {
    if (places.empty()) return absl::OkStatus();
    std::vector<std::string> ids;
    for (const Place& place : places) {
      for (const SlurmJob& job : jobs_) {
        if (job.place == place) ids.push_back(job.id);
      }
    }
    DROVER_RETURN_IF_ERROR(queue_.Cancel(ids));
    ending_.insert(places.begin(), places.end());
    told_.insert(places.begin(), places.end());
    return absl::OkStatus();
  }

  const Placement placement_;
  const std::string run_id_;
  const SlurmQueue queue_;
  std::vector<SlurmJob> jobs_;  // as of the last look
  std::set<Place> there_;       // likewise, and those submitted since
  std::vector<Place> lost_;     // there the time before, and not told to end
  std::set<Place> ending_;      // told to end, and not gone
  std::set<Place> told_;        // likewise, as of the last look, and since
  std::map<Place, RestartPolicy> policies_;
  std::map<Place, Clock::time_point> waiting_;  // gone; not to be submitted again before
  bool over_ = false;
  bool settled_ = false;
  bool silent_ = false;  // Slurm does not answer
};

}  // namespace

std::unique_ptr<Engine> MakeSlurmEngine(const Placement& placement) {
  return std::make_unique<SlurmEngine>(placement);
}

}  // namespace drover
