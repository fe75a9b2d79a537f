#include "cli/coordinator_command.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/config_options.h"
#include "cli/resolve_plan.h"
#include "cli/role_process.h"
#include "common/status_macros.h"
#include "coordinator/coordinator_main.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

struct Flags {
  CoordinatorOptions options;
  std::string config;                // begins a run with it where there is none; empty: there is
  std::vector<std::string> changes;  // to it
  ProcessFlags process;
};

// Nothing is done twice: who is started again finds its run begun.
absl::Status BeginRun(const Flags& flags) {
  const std::string& run_dir = flags.options.run_dir;
  if (flags.config.empty() || std::filesystem::exists(absl::StrCat(run_dir, "/", kConfigFile))) {
    return absl::OkStatus();
  }
  Plan plan;
  DROVER_ASSIGN_OR_RETURN(const ExitStatus resolved,
                          ResolvePlan(ConfigOptions(flags.config, flags.changes), &plan));
  if (!resolved.ok())
    return absl::InvalidArgumentError("the config makes no sense");  // it said why
  DROVER_ASSIGN_OR_RETURN(const RunDir opened, RunDir::Open(run_dir, /*resume=*/false));
  return opened.WriteConfig(plan.experiment(), plan.spec());
}

int RunRole(const Flags& flags) {
  const RoleProcess process("coordinator", flags.process, "coordinator");
  if (!process.status().ok()) return Fail(process.status(), kExitBadInput);
  if (const absl::Status begun = BeginRun(flags); !begun.ok()) return process.Finish(begun);
  const absl::StatusOr<EndReason::Kind> reason = RunCoordinator(flags.options, process.stop());
  if (!reason.ok()) return process.Finish(reason.status());
  return *reason == EndReason::failed ? kExitFailed : kExitOk;
}

}  // namespace

Command AddCoordinator(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(app, "coordinator", "one role: holds a run together");
  AddOption(command, "--run_dir", flags->options.run_dir, "holds config.textproto, spec.textproto")
      .Required()
      .TypeName("DIR");
  AddOption(command, "--config", flags->config,
            "begin a run with it where --run_dir has none, else go on with that")
      .EnvName("DROVER_CONFIG")
      .TypeName("CONFIG");
  AddOption(command, "--set", flags->changes, "change a field of the config")
      .TypeName("PATH=VALUE")
      .OneEach();
  AddHttp(command, &flags->options.http);
  AddFlag(command, "--stay", flags->options.stay,
          "answer on once the run has ended, until told to stop: for launchers that "
          "start again what ends");
  AddListen(command, &flags->options.listen, &flags->options.insecure);
  AddReplaceable(command, &flags->options.replaceable);
  AddProcessFlags(command, &flags->process);
  return {command, [flags] { return RunRole(*flags); }};
}

}  // namespace drover
