#include "cli/logs.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/executables.h"
#include "cli/launch_settings.h"
#include "cli/run_option.h"
#include "common/status_macros.h"
#include "deploy/log_command.h"

namespace drover {
namespace {

constexpr char kLauncher[] = "launcher";  // no role: it is of the run, but no member

struct Flags {
  std::string role;
  uint32_t index = 0;
  std::string run;
  bool follow = false;
};

std::string RoleError(const std::string& name) {
  Role::Kind role = Role::unspecified;
  if (name == kLauncher || (Role::Kind_Parse(name, &role) && role != Role::unspecified)) return "";
  return absl::StrCat("no role \"", name,
                      "\"; there is coordinator, learner, actor, evaluator, replay, launcher");
}

absl::StatusOr<std::vector<std::string>> LogCommand(const Flags& flags) {
  DROVER_ASSIGN_OR_RETURN(const std::string run_dir, FindRun(flags.run));
  if (flags.role == kLauncher) return LogFileCommand(LauncherLog(run_dir), flags.follow);
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, EngineOf(run_dir));
  Place place;
  Role::Kind_Parse(flags.role, &place.role);
  place.index = flags.index;
  return engine->LogCommand(place, flags.follow);
}

int RunLogs(const Flags& flags) {
  const absl::StatusOr<std::vector<std::string>> command = LogCommand(flags);
  if (!command.ok()) return Fail(command.status(), kExitBadInput);
  return Fail(Execute(command->front(), {command->begin() + 1, command->end()}), kExitFailed);
}

}  // namespace

Command AddLogs(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(app, "logs", "what a process of a run has logged");
  AddOption(command, "role", flags->role, "coordinator, learner, actor, …, or launcher")
      .Required()
      .Check(RoleError)
      .TypeName("ROLE");
  AddOption(command, "index", flags->index, "0, 1, … among those of the role; default: 0")
      .TypeName("I");
  AddOption(command, "--run", flags->run, "its directory; default: the newest in runs/")
      .TypeName("RUN");
  AddFlag(command, "--follow", flags->follow, "go on as it grows");
  return {command, [flags] { return RunLogs(*flags); }};
}

}  // namespace drover
