#include "cli/coordinator_command.h"

#include <memory>

#include "cli/role_process.h"
#include "coordinator/coordinator_main.h"

namespace drover {
namespace {

struct Flags {
  CoordinatorOptions options;
  std::string log_level;
};

int RunRole(const Flags& flags) {
  const RoleProcess process("coordinator", flags.log_level);
  if (!process.status().ok()) return Fail(process.status(), kExitBadInput);
  const absl::StatusOr<EndReason::Kind> reason = RunCoordinator(flags.options, process.stop());
  if (!reason.ok()) return process.Finish(reason.status());
  return *reason == EndReason::failed ? kExitFailed : kExitOk;
}

}  // namespace

Command AddCoordinator(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app->add_subcommand("coordinator", "one role: holds a run together");
  command->add_option("--run_dir", flags->options.run_dir, "holds config.textproto, spec.textproto")
      ->required()
      ->type_name("DIR");
  AddListen(command, &flags->options.listen, &flags->options.insecure);
  AddLogLevel(command, &flags->log_level);
  return {command, [flags] { return RunRole(*flags); }};
}

}  // namespace drover
