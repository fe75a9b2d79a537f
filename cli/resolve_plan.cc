#include "cli/resolve_plan.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/command_line.h"
#include "cli/executables.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace drover {

absl::StatusOr<ExitStatus> ResolvePlan(const ConfigOptions& config, Plan* plan) {
  DROVER_ASSIGN_OR_RETURN(const TempDirectory directory, TempDirectory::Make());
  const std::string file = absl::StrCat(directory.path(), "/plan");
  ProcessOptions options;
  options.command = {DroverAgentPath(), "resolve", absl::StrCat("--plan=", file)};
  const std::vector<std::string> arguments = config.Arguments();
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  DROVER_ASSIGN_OR_RETURN(Process process, Process::Start(options));
  const ExitStatus exit = process.Wait();
  if (!exit.ok()) return exit;
  DROVER_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file));
  if (!plan->ParseFromString(bytes)) return absl::InternalError("drover-agent made no plan");
  return exit;
}

int ResolvePlanOrFail(const ConfigOptions& config, Plan* plan) {
  const absl::StatusOr<ExitStatus> resolved = ResolvePlan(config, plan);
  if (!resolved.ok()) return Fail(resolved.status(), kExitFailed);
  if (resolved->ok()) return kExitOk;
  return resolved->code == kExitBadInput ? kExitBadInput : kExitFailed;
}

}  // namespace drover
