#include "cli/up.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "cli/certs_option.h"
#include "cli/config_options.h"
#include "cli/launch_options.h"
#include "cli/launch_settings.h"
#include "cli/new_run.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/resolve_plan.h"
#include "common/logging.h"
#include "common/process.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "deploy/coordinator_client.h"
#include "deploy/engines.h"
#include "deploy/supervisor.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kPoll{100};
constexpr int kQuotedLines = 20;

struct Flags {
  ConfigOptions config;
  NewRun run;
  LaunchSettings settings;
  bool detach = false;
  bool prepare = false;
};

// The run directory, given back for the launcher to take.
absl::StatusOr<std::string> Prepare(const Flags& flags, const Plan& plan) {
  DROVER_ASSIGN_OR_RETURN(const RunDir run_dir, flags.run.Prepare(plan));
  LaunchSettings settings = flags.settings;
  settings.resume = flags.run.resume();
  if (!settings.certs.empty()) settings.certs = std::filesystem::absolute(settings.certs).string();
  DROVER_RETURN_IF_ERROR(WriteLaunchSettings(run_dir.path(), settings));
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, EngineOf(run_dir.path()));
  DROVER_RETURN_IF_ERROR(engine->Prepare());
  return run_dir.path();
}

std::optional<StatusReply> Ask(const std::string& run_dir) {
  absl::StatusOr<CoordinatorClient> client = CoordinatorClient::OfRun(run_dir);
  if (!client.ok()) return std::nullopt;
  absl::StatusOr<StatusReply> status = client->Status();
  return status.ok() ? std::optional(*std::move(status)) : std::nullopt;
}

int Ended(const std::string& run_dir, const ExitStatus& exit) {
  const absl::StatusOr<nlohmann::json> summary = ReadSummary(run_dir);
  if (summary.ok()) std::cout << SummaryText(*summary, run_dir) << std::flush;
  if (exit.ok()) return kExitOk;
  const std::string log = LauncherLog(run_dir);
  return Fail(
      absl::AbortedError(absl::StrCat("the launcher ended with ", exit.ToString(), "; the end of ",
                                      log, ":\n", LogTail(log, kQuotedLines))),
      kExitFailed);
}

// Shows progress until the run ends, or this process is no longer wanted.
int Follow(const std::string& run_dir, Process* launcher, const StopSignal& stop, bool detach) {
  Progress progress(isatty(STDOUT_FILENO) == 1);
  while (!stop.requested()) {
    if (const std::optional<ExitStatus> exit = launcher->Poll()) return Ended(run_dir, *exit);
    if (const std::optional<StatusReply> status = Ask(run_dir)) {
      progress.Update(*status);
      if (detach && status->learner().updates() > 0) break;
    }
    std::this_thread::sleep_for(kPoll);
  }
  std::cout << "the run goes on: drover status " << run_dir << "\nits end:         drover down "
            << run_dir << std::endl;
  return kExitOk;
}

int RunUp(const Flags& flags) {
  const StopSignal stop;
  if (absl::Status status = InitLogging("drover", "warning"); !status.ok()) {
    return Fail(status, kExitFailed);
  }
  if (absl::Status status = UseCerts(flags.settings.certs, PersonRoles()); !status.ok()) {
    return Fail(status, kExitBadInput);
  }
  Plan plan;
  if (const int code = ResolvePlanOrFail(flags.config, &plan); code != kExitOk) return code;
  const auto engine =
      MakeEngine(flags.settings.on, MakePlacement(flags.settings, plan.experiment()));
  if (!engine.ok()) return Fail(engine.status(), kExitBadInput);
  if (absl::Status fits = (*engine)->Check(); !fits.ok()) return Fail(fits, kExitBadInput);

  const absl::StatusOr<std::string> run_dir = Prepare(flags, plan);
  if (!run_dir.ok()) return Fail(run_dir.status(), kExitBadInput);
  std::cout << "run directory: " << *run_dir << std::endl;
  if (flags.prepare) return kExitOk;
  absl::StatusOr<Process> launcher = StartLauncher(*run_dir);
  if (!launcher.ok()) return Fail(launcher.status(), kExitFailed);
  return Follow(*run_dir, &*launcher, stop, flags.detach);
}

}  // namespace

Command AddUp(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      AddCommand(app, "up", "launch a run in the background, and follow it; Ctrl-C leaves it");
  flags->config.AddTo(command);
  flags->run.AddTo(command);
  AddLaunchOptions(command, &flags->settings);
  AddFlag(command, "--detach", flags->detach, "return once the first train step is made");
  AddFlag(command, "--prepare", flags->prepare,
          "write the run directory with what would be used, and start nothing");
  return {command, [flags] { return RunUp(*flags); }};
}

}  // namespace drover
