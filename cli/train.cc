#include "cli/train.h"

#include <unistd.h>

#include <iostream>
#include <memory>

#include "cli/config_options.h"
#include "cli/launch_settings.h"
#include "cli/new_run.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/resolve_plan.h"
#include "cli/role_process.h"
#include "common/logging.h"
#include "common/signals.h"
#include "deploy/launcher.h"
#include "deploy/local_engine.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

struct Flags {
  ConfigOptions config;
  NewRun run;
  std::string http = "auto";
};

int RunTrain(const Flags& flags) {
  const StopSignal stop;
  if (absl::Status status = InitLogging("drover", "warning"); !status.ok()) {
    return Fail(status, kExitFailed);
  }
  Plan plan;
  if (const int code = ResolvePlanOrFail(flags.config, &plan); code != kExitOk) return code;
  const absl::StatusOr<RunDir> run_dir = flags.run.Prepare(plan);
  if (!run_dir.ok()) return Fail(run_dir.status(), kExitBadInput);
  std::cout << "run directory: " << run_dir->path() << std::endl;

  LaunchSettings settings;
  settings.resume = flags.run.resume();
  settings.http = flags.http;
  Placement placement = MakePlacement(settings, plan.experiment());
  placement.run_dir = run_dir->path();
  placement.held = &*run_dir;
  const std::unique_ptr<Engine> engine = MakeLocalEngine(placement);
  Progress progress(isatty(STDOUT_FILENO) == 1);
  const absl::Status ran =
      RunCluster(engine.get(), placement, stop,
                 [&progress](const StatusReply& status) { progress.Update(status); });

  const absl::StatusOr<nlohmann::json> summary = ReadSummary(run_dir->path());
  if (summary.ok()) std::cout << SummaryText(*summary, run_dir->path()) << std::flush;
  if (!ran.ok()) return Fail(ran, kExitFailed);
  if (!summary.ok()) return Fail(summary.status(), kExitFailed);
  return kExitOk;
}

}  // namespace

Command AddTrain(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(app, "train", "train on this machine, as a local cluster");
  flags->config.AddTo(command);
  flags->run.AddTo(command);
  AddDashboard(command, &flags->http);
  return {command, [flags] { return RunTrain(*flags); }};
}

}  // namespace drover
