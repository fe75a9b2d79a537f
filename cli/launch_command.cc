#include "cli/launch_command.h"

#include <memory>
#include <string>

#include "cli/certs_option.h"
#include "cli/launch_settings.h"
#include "common/logging.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "deploy/engines.h"
#include "deploy/launcher.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

absl::Status Launch(const std::string& run, const StopSignal& stop) {
  DROVER_ASSIGN_OR_RETURN(const RunDir run_dir, RunDir::Open(run, /*resume=*/true));
  DROVER_ASSIGN_OR_RETURN(const LaunchSettings settings, ReadLaunchSettings(run_dir.path()));
  DROVER_ASSIGN_OR_RETURN(Placement placement, ReadPlacement(run_dir.path()));
  placement.held = &run_dir;
  DROVER_RETURN_IF_ERROR(UseCerts(settings.certs, PersonRoles()));
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, MakeEngine(settings.on, placement));
  return RunCluster(engine.get(), placement, stop, [](const StatusReply&) {});
}

int RunLaunch(const std::string& run) {
  const StopSignal stop;
  if (absl::Status status = InitLogging("launcher", "info"); !status.ok()) {
    return Fail(status, kExitFailed);
  }
  const absl::Status status = Launch(run, stop);
  return status.ok() ? kExitOk : Fail(status, kExitFailed);
}

}  // namespace

Command AddLaunch(CLI::App* app) {
  auto run = std::make_shared<std::string>();
  CLI::App* command = AddCommand(app, "launch", "what `drover up` leaves in the background");
  AddOption(command, "run", *run, "its directory").Required().TypeName("RUN");
  return {command, [run] { return RunLaunch(*run); }};
}

}  // namespace drover
