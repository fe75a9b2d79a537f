#include "deploy/local_engine.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/status_macros.h"
#include "coordinator/coordinator_main.h"
#include "deploy/coordinator_client.h"
#include "deploy/log_command.h"
#include "deploy/run_dir.h"
#include "deploy/supervisor.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{20};
constexpr int kQuotedLines = 15;

const std::string& Name(Role::Kind role) { return Role::Kind_Name(role); }

class LocalEngine final : public Engine {
 public:
  explicit LocalEngine(Placement placement)
      : placement_(std::move(placement)),
        supervisor_([this](const ChildSpec& spec, const ExitStatus& exit) {
          return WantRestart(spec, exit);
        }) {
    if (placement_.held == nullptr) return;
    coordinator_.emplace(placement_.held->SocketAddress(Name(Role::coordinator), 0));
  }

  absl::Status Check() override { return absl::OkStatus(); }

  absl::Status Tend(const Desired& desired) override {
    DROVER_CHECK(placement_.held != nullptr) << "only who holds the run may launch it";
    state_ = std::max(state_, desired.state);
    if (desired.closing) supervisor_.Retire();
    const Clock::time_point now = Clock::now();
    DROVER_RETURN_IF_ERROR(supervisor_.Poll(now));
    if (Over()) return absl::OkStatus();
    const Changes changes = Reconcile(placement_.experiment, desired, Placed());
    for (const Place& place : changes.start) {
      DROVER_RETURN_IF_ERROR(supervisor_.Start(SpecOf(place)));
    }
    for (const Place& place : changes.end) {
      supervisor_.End(Name(place.role), static_cast<int>(place.index), now);
    }
    return absl::OkStatus();
  }

  std::chrono::milliseconds pause() const override { return kPause; }
  bool Over() const override { return supervisor_.ended(Name(Role::coordinator), 0).has_value(); }
  int left() const override { return supervisor_.running(); }

  // Those that the coordinator has not met wait for it.
  absl::Status Down(std::chrono::milliseconds grace) override {
    supervisor_.Retire();
    supervisor_.Signal(SIGTERM);
    WaitForAll(Clock::now() + grace);
    supervisor_.Signal(SIGKILL);
    WaitForAll(Clock::time_point::max());
    return absl::OkStatus();
  }

  // The coordinator fails by itself only where it cannot serve, to the summary; else because the
  // learner left it.
  absl::Status Verdict() const override {
    const std::optional<ExitStatus> ended = supervisor_.ended(Name(Role::coordinator), 0);
    if (!ended.has_value() || ended->ok()) return absl::OkStatus();
    const bool served = std::filesystem::exists(placement_.held->File(kSummaryFile));
    const std::string log =
        LogPath(placement_.run_dir, Name(served ? Role::learner : Role::coordinator), 0);
    return absl::AbortedError(
        absl::StrCat("the run failed; the end of ", log, ":\n", LogTail(log, kQuotedLines)));
  }

  absl::StatusOr<std::string> CoordinatorAddress() override {
    return placement_.held->SocketAddress(Name(Role::coordinator), 0);
  }

  std::vector<std::string> LogCommand(const Place& place, bool follow) const override {
    return LogFileCommand(placement_.run_dir, place, follow);
  }

 private:
  ChildSpec SpecOf(const Place& place) const {
    const RunDir& run_dir = *placement_.held;
    const std::string& role = Name(place.role);
    const int index = static_cast<int>(place.index);
    const bool agent = place.role != Role::coordinator && place.role != Role::replay;
    ChildSpec spec;
    spec.role = role;
    spec.index = index;
    spec.log_path = LogPath(run_dir.path(), role, index);
    spec.command = {agent ? placement_.drover_agent : placement_.drover, role};
    const auto add = [&spec](std::initializer_list<std::string> words) {
      spec.command.insert(spec.command.end(), words);
    };
    if (place.role == Role::coordinator) {
      add({"--run_dir", run_dir.path()});
    } else {
      add({"--coordinator", run_dir.SocketAddress(Name(Role::coordinator), 0)});
    }
    const bool player = place.role == Role::actor || place.role == Role::evaluator;
    if (!placement_.certs.empty()) add({"--certs", placement_.certs});
    if (!player) {
      const bool tcp = placement_.tcp && place.role != Role::coordinator;
      add({"--listen", tcp ? "127.0.0.1:0" : run_dir.SocketAddress(role, index)});
    }
    if (player || place.role == Role::replay) add({"--index", absl::StrCat(index)});
    if (place.role == Role::coordinator) {
      for (const std::string& address : placement_.listen) add({"--listen", address});
      if (placement_.insecure) add({"--insecure"});
      if (!placement_.http.empty()) add({"--http", placement_.http});
    }
    if (place.role == Role::learner) {
      (placement_.resume ? spec.command : spec.restart_arguments).emplace_back("--resume");
    }
    return spec;
  }

  std::vector<drover::Placed> Placed() const {
    std::vector<drover::Placed> placed;
    for (const auto& [spec, ending] : supervisor_.children()) {
      drover::Placed& one = placed.emplace_back();
      Role::Kind_Parse(spec->role, &one.place.role);
      one.place.index = static_cast<uint32_t>(spec->index);
      one.ending = ending;
    }
    return placed;
  }

  // A process may end by itself once the run drains; before that, every end is a death.
  bool WantRestart(const ChildSpec& spec, const ExitStatus& exit) {
    // It exits when the run is over or cannot start. One that is killed goes on where it was, to
    // the end.
    if (spec.role == Name(Role::coordinator)) return exit.signal != 0;
    if (Over()) return false;
    // One that does not answer is slow, or about to be started again: what it said last holds.
    if (const auto status = coordinator_->Status(); status.ok()) state_ = status->state();
    if (state_ == RunState::draining) return spec.role == Name(Role::learner) && !exit.ok();
    return state_ != RunState::ended;
  }

  void WaitForAll(Clock::time_point deadline) {
    while (supervisor_.running() > 0 && Clock::now() < deadline) {
      supervisor_.Poll(Clock::now()).IgnoreError();
      std::this_thread::sleep_for(kPause);
    }
  }

  const Placement placement_;
  std::optional<CoordinatorClient> coordinator_;
  RunState::Kind state_ = RunState::unspecified;  // as last heard
  Supervisor supervisor_;
};

}  // namespace

std::unique_ptr<Engine> MakeLocalEngine(const Placement& placement) {
  return std::make_unique<LocalEngine>(placement);
}

}  // namespace drover
