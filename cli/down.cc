#include "cli/down.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/launch_settings.h"
#include "cli/report.h"
#include "cli/run_option.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "deploy/coordinator_client.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll{50};
constexpr std::chrono::seconds kKilled{10};

struct Flags {
  RunOption run;
  int timeout = 120;
};

// Waits until nobody holds the run any more; false: somebody still does.
bool WaitUntilFree(const std::string& run_dir, Clock::time_point end) {
  while (RunDir::InUse(run_dir)) {
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

// The launcher, where it is on this host, and with it what dies with it.
void KillLauncher(const std::string& run_dir) {
  const pid_t pid = RunDir::HolderPid(run_dir);
  std::error_code error;
  const auto program =
      std::filesystem::read_symlink(absl::StrCat("/proc/", pid, "/exe"), error).filename();
  if (pid > 0 && !error && program == "drover") kill(pid, SIGKILL);
}

absl::Status Down(const Flags& flags, const std::string& run_dir) {
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, EngineOf(run_dir));
  absl::StatusOr<CoordinatorClient> client = CoordinatorClient::OfRun(run_dir);
  const Clock::time_point end = Clock::now() + std::chrono::seconds(flags.timeout);
  const bool drains = client.ok() && client->Stop("drover down", /*failed=*/false).ok();
  if (!WaitUntilFree(run_dir, end)) {
    std::cout << "it does not end within " << flags.timeout << " s: killed" << std::endl;
    KillLauncher(run_dir);
    if (!WaitUntilFree(run_dir, Clock::now() + kKilled)) {
      return absl::UnavailableError(absl::StrCat("its launcher runs on another host, as process ",
                                                 RunDir::HolderPid(run_dir)));
    }
  }
  // A run without a launcher, since that is dead or its jobs were submitted by hand, drains as
  // well.
  const Clock::duration grace = drains ? end - Clock::now() : Clock::duration::zero();
  return engine->Down(std::chrono::duration_cast<std::chrono::milliseconds>(
      std::max(grace, Clock::duration::zero())));
}

int RunDown(const Flags& flags) {
  const absl::StatusOr<std::string> run_dir = OpenRun(flags.run);
  if (!run_dir.ok()) return Fail(run_dir.status(), kExitBadInput);
  if (absl::Status status = Down(flags, *run_dir); !status.ok()) return Fail(status, kExitFailed);
  const absl::StatusOr<nlohmann::json> summary = ReadSummary(*run_dir);
  if (summary.ok()) {
    std::cout << SummaryText(*summary, *run_dir) << std::flush;
  } else {
    std::cout << "nothing of it runs: " << *run_dir << std::endl;
  }
  return kExitOk;
}

}  // namespace

Command AddDown(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(app, "down", "drain a run, and leave none of its processes");
  AddRun(command, &flags->run);
  AddOption(command, "--timeout", flags->timeout,
            "seconds to drain, checkpoint and evaluate; then it is killed; default: 120")
      .Range(0, 1'000'000)
      .TypeName("S");
  return {command, [flags] { return RunDown(*flags); }};
}

}  // namespace drover
