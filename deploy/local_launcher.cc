#include "deploy/local_launcher.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/topology.h"
#include "coordinator/coordinator_main.h"
#include "deploy/coordinator_client.h"
#include "deploy/supervisor.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kCoordinator[] = "coordinator";
constexpr char kLearner[] = "learner";
constexpr char kReplay[] = "replay";
constexpr char kActor[] = "actor";
constexpr char kEvaluator[] = "evaluator";

constexpr std::chrono::milliseconds kPoll{20};
constexpr std::chrono::milliseconds kStatusInterval{250};
constexpr std::chrono::seconds kExitLimit{10};    // for what still runs after the coordinator
constexpr std::chrono::seconds kGiveUpLimit{30};  // for draining, after a failure
constexpr int kQuotedLines = 15;

class Cluster {
 public:
  explicit Cluster(const LaunchOptions& options)
      : options_(options),
        coordinator_address_(options.run_dir->SocketAddress(kCoordinator, 0)),
        coordinator_(coordinator_address_),
        supervisor_([this](const ChildSpec& spec, const ExitStatus& exit) {
          return WantRestart(spec, exit);
        }) {}

  absl::Status Run(const StopSignal& stop,
                   const std::function<void(const StatusReply&)>& on_status) {
    DROVER_RETURN_IF_ERROR(StartAll());
    Clock::time_point next_status = Clock::now();
    while (!supervisor_.ended(kCoordinator, 0).has_value()) {
      if (absl::Status status = supervisor_.Poll(Clock::now()); !status.ok()) {
        GiveUp(status);
        return status;
      }
      if (stop.requested() && !stop_sent_) {
        stop_sent_ = coordinator_.Stop(stop.reason(), /*failed=*/false).ok();
      }
      if (Clock::now() >= next_status) {
        next_status = Clock::now() + kStatusInterval;
        if (std::optional<StatusReply> status = AskStatus()) on_status(*status);
      }
      std::this_thread::sleep_for(kPoll);
    }
    return Finish();
  }

 private:
  ChildSpec Spec(const std::string& role, int index, std::vector<std::string> command) const {
    ChildSpec spec;
    spec.role = role;
    spec.index = index;
    spec.command = std::move(command);
    spec.log_path = options_.run_dir->LogPath(role, index);
    return spec;
  }

  absl::Status StartAll() {
    const RunDir& run_dir = *options_.run_dir;
    DROVER_RETURN_IF_ERROR(
        supervisor_.Start(Spec(kCoordinator, 0,
                               {options_.drover, kCoordinator, "--run_dir", run_dir.path(),
                                "--listen", coordinator_address_})));
    ChildSpec learner =
        Spec(kLearner, 0,
             {options_.drover_agent, kLearner, "--coordinator", coordinator_address_, "--listen",
              run_dir.SocketAddress(kLearner, 0)});
    (options_.resume ? learner.command : learner.restart_arguments).push_back("--resume");
    DROVER_RETURN_IF_ERROR(supervisor_.Start(learner));
    for (uint32_t i = 0; i < Shards(); ++i) {
      DROVER_RETURN_IF_ERROR(supervisor_.Start(
          Spec(kReplay, static_cast<int>(i),
               {options_.drover, kReplay, "--coordinator", coordinator_address_, "--listen",
                run_dir.SocketAddress(kReplay, static_cast<int>(i)), "--index", absl::StrCat(i)})));
    }
    for (uint32_t i = 0; i < options_.experiment.actors().count(); ++i) {
      DROVER_RETURN_IF_ERROR(StartPlayer(kActor, static_cast<int>(i)));
    }
    if (options_.experiment.evaluation().every_frames() > 0) {
      DROVER_RETURN_IF_ERROR(StartPlayer(kEvaluator, 0));
    }
    return absl::OkStatus();
  }

  // Replay servers.
  uint32_t Shards() const {
    const Experiment& experiment = options_.experiment;
    return UsesReplay(experiment) ? experiment.replay().shards() : 0;
  }

  absl::Status StartPlayer(const std::string& role, int index) {
    return supervisor_.Start(Spec(role, index,
                                  {options_.drover_agent, role, "--coordinator",
                                   coordinator_address_, "--index", absl::StrCat(index)}));
  }

  std::optional<StatusReply> AskStatus() {
    absl::StatusOr<StatusReply> status = coordinator_.Status();
    if (!status.ok()) return std::nullopt;
    state_ = status->state();
    return *std::move(status);
  }

  // A process may end by itself once the run drains; before that, every end is a death.
  bool WantRestart(const ChildSpec& spec, const ExitStatus& exit) {
    // It exits when the run is over or cannot start. One that is killed goes on where it was, to
    // the end.
    if (spec.role == kCoordinator) return exit.signal != 0;
    if (supervisor_.ended(kCoordinator, 0).has_value()) return false;
    // One that does not answer is slow, or about to be started again: what it said last holds.
    AskStatus();
    if (state_ == RunState::draining) return spec.role == kLearner && !exit.ok();
    return state_ != RunState::ended;
  }

  // The coordinator has ended, so the others are about to; those that it has not met wait for it.
  absl::Status Finish() {
    const ExitStatus ended = *supervisor_.ended(kCoordinator, 0);
    supervisor_.Retire();
    supervisor_.Signal(SIGTERM);
    WaitForAll(Clock::now() + kExitLimit);
    if (ended.ok()) return absl::OkStatus();
    // It fails by itself only where it cannot serve, to the summary; else because the learner
    // left it.
    const bool served = std::filesystem::exists(options_.run_dir->File(kSummaryFile));
    const std::string role = served ? kLearner : kCoordinator;
    const std::string log = options_.run_dir->LogPath(role, 0);
    return absl::AbortedError(
        absl::StrCat("the run failed; the end of ", log, ":\n", LogTail(log, kQuotedLines)));
  }

  // Some process cannot be kept alive: saves what there is, and ends.
  void GiveUp(const absl::Status& why) {
    supervisor_.Retire();
    const Clock::time_point limit = Clock::now() + kGiveUpLimit;
    const std::string reason(why.message());
    while (!coordinator_.Stop(reason, /*failed=*/true).ok() && Clock::now() < limit) {
      std::this_thread::sleep_for(kPoll);
    }
    WaitForAll(limit);
  }

  // What still runs after that is killed when the supervisor ends.
  void WaitForAll(Clock::time_point deadline) {
    while (supervisor_.running() > 0 && Clock::now() < deadline) {
      supervisor_.Poll(Clock::now()).IgnoreError();
      std::this_thread::sleep_for(kPoll);
    }
  }

  const LaunchOptions& options_;
  const std::string coordinator_address_;
  CoordinatorClient coordinator_;
  RunState::Kind state_ = RunState::unspecified;  // as last heard
  bool stop_sent_ = false;
  Supervisor supervisor_;
};

}  // namespace

absl::Status RunLocalCluster(const LaunchOptions& options, const StopSignal& stop,
                             const std::function<void(const StatusReply&)>& on_status) {
  return Cluster(options).Run(stop, on_status);
}

}  // namespace drover
