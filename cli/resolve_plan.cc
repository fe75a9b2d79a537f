#include "cli/resolve_plan.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/command_line.h"
#include "cli/executables.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "deploy/command.h"

namespace drover {
namespace {

constexpr char kSays[] = ": drover: ";  // Fail() of cli/command_line.h

// Writes the plan into `file`.
std::vector<std::string> ResolveCommand(const ConfigOptions& config, const std::string& file) {
  std::vector<std::string> command = {DroverAgentPath(), "resolve", absl::StrCat("--plan=", file)};
  const std::vector<std::string> arguments = config.Arguments();
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

absl::Status ReadPlan(const std::string& file, Plan* plan) {
  DROVER_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file));
  if (!plan->ParseFromString(bytes)) return absl::InternalError("drover-agent made no plan");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ExitStatus> ResolvePlan(const ConfigOptions& config, Plan* plan) {
  DROVER_ASSIGN_OR_RETURN(const TempDirectory directory, TempDirectory::Make());
  const std::string file = absl::StrCat(directory.path(), "/plan");
  ProcessOptions options;
  options.command = ResolveCommand(config, file);
  DROVER_ASSIGN_OR_RETURN(Process process, Process::Start(options));
  const ExitStatus exit = process.Wait();
  if (exit.ok()) DROVER_RETURN_IF_ERROR(ReadPlan(file, plan));
  return exit;
}

int ResolvePlanOrFail(const ConfigOptions& config, Plan* plan) {
  const absl::StatusOr<ExitStatus> resolved = ResolvePlan(config, plan);
  if (!resolved.ok()) return Fail(resolved.status(), kExitFailed);
  if (resolved->ok()) return kExitOk;
  return resolved->code == kExitBadInput ? kExitBadInput : kExitFailed;
}

absl::StatusOr<Plan> TryPlan(const ConfigOptions& config) {
  DROVER_ASSIGN_OR_RETURN(const TempDirectory directory, TempDirectory::Make());
  const std::string file = absl::StrCat(directory.path(), "/plan");
  const absl::Status resolved = CommandOutput(ResolveCommand(config, file)).status();
  if (!resolved.ok()) {
    // What it says itself, without that it failed.
    const size_t says = resolved.message().find(kSays);
    return says == absl::string_view::npos
               ? resolved
               : absl::InvalidArgumentError(resolved.message().substr(says + sizeof(kSays) - 1));
  }
  Plan plan;
  DROVER_RETURN_IF_ERROR(ReadPlan(file, &plan));
  return plan;
}

}  // namespace drover
