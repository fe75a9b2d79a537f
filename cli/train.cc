#include "cli/train.h"

#include <unistd.h>

#include <iostream>
#include <memory>

#include "cli/config_options.h"
#include "cli/executables.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/resolve_plan.h"
#include "cli/role_process.h"
#include "common/file.h"
#include "common/logging.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "coordinator/coordinator_main.h"
#include "deploy/launcher.h"
#include "deploy/local_engine.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

struct Flags {
  ConfigOptions config;
  std::string run_dir;
  bool resume = false;
  std::string http = "auto";
};

absl::StatusOr<RunDir> OpenRunDir(const Flags& flags, const std::string& name) {
  std::string path = flags.run_dir;
  if (path.empty() && flags.resume) {
    DROVER_ASSIGN_OR_RETURN(path, NewestRunDir(name));
  }
  return RunDir::Open(path.empty() ? NewRunDirPath(name) : path, flags.resume);
}

absl::StatusOr<RunDir> Prepare(const Flags& flags, const Plan& plan) {
  DROVER_ASSIGN_OR_RETURN(RunDir run_dir, OpenRunDir(flags, plan.experiment().name()));
  DROVER_RETURN_IF_ERROR(RemoveAll(run_dir.File(kSummaryFile)));  // of what is resumed
  DROVER_RETURN_IF_ERROR(run_dir.WriteConfig(plan.experiment(), plan.spec()));
  return run_dir;
}

int RunTrain(const Flags& flags) {
  const StopSignal stop;
  if (absl::Status status = InitLogging("drover", "warning"); !status.ok()) {
    return Fail(status, kExitFailed);
  }
  Plan plan;
  const absl::StatusOr<ExitStatus> resolved = ResolvePlan(flags.config, &plan);
  if (!resolved.ok()) return Fail(resolved.status(), kExitFailed);
  if (!resolved->ok()) return resolved->code == kExitBadInput ? kExitBadInput : kExitFailed;
  const absl::StatusOr<RunDir> run_dir = Prepare(flags, plan);
  if (!run_dir.ok()) return Fail(run_dir.status(), kExitBadInput);
  std::cout << "run directory: " << run_dir->path() << std::endl;

  Placement placement;
  placement.run_dir = run_dir->path();
  placement.held = &*run_dir;
  placement.experiment = plan.experiment();
  placement.resume = flags.resume;
  placement.http = flags.http == "none" ? "" : flags.http;
  placement.drover = DroverPath();
  placement.drover_agent = DroverAgentPath();
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
  CLI::App* command = app->add_subcommand("train", "train on this machine, as a local cluster");
  flags->config.AddTo(command);
  command->add_option("--run_dir", flags->run_dir, "for its files; default: runs/<config>-<time>")
      ->type_name("DIR");
  command->add_flag("--resume", flags->resume,
                    "go on with the run in --run_dir; default: the config's newest");
  command
      ->add_option("--http", flags->http,
                   "where the dashboard is: host:port, none, or auto (default): 127.0.0.1:8080 "
                   "or another port")
      ->check([](const std::string& text) {
        return text == "auto" || text == "none" ? "" : AddressError(text);
      })
      ->type_name("ADDRESS");
  return {command, [flags] { return RunTrain(*flags); }};
}

}  // namespace drover
