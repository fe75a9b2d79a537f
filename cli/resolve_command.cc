#include "cli/resolve_command.h"

#include <google/protobuf/text_format.h>

#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "agent/resolve.h"
#include "agent/spec.h"
#include "cli/config_options.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "env/registry.h"
#include "proto/coordinator.pb.h"

namespace drover {
namespace {

struct Flags {
  ConfigOptions config;
  std::string plan;
};

absl::StatusOr<Plan> MakePlan(const ConfigOptions& config) {
  DROVER_ASSIGN_OR_RETURN(auto read, config.Read());
  auto& [experiment, locations] = read;
  if (const std::optional<ConfigError> error = ResolveExperiment(&experiment)) {
    return locations.Error(error->field, error->message);
  }
  DROVER_ASSIGN_OR_RETURN(
      const auto environment,
      MakeEnvironment(experiment.environment(), experiment.environment_options()));
  Plan plan;
  *plan.mutable_spec() = MakeSpec(experiment, environment->spec());
  *plan.mutable_experiment() = std::move(experiment);
  return plan;
}

int RunResolve(const Flags& flags) {
  const absl::StatusOr<Plan> plan = MakePlan(flags.config);
  if (!plan.ok()) return Fail(plan.status(), kExitBadInput);
  if (!flags.plan.empty()) {
    const absl::Status written = WriteFile(flags.plan, plan->SerializeAsString());
    return written.ok() ? kExitOk : Fail(written, kExitFailed);
  }
  std::string text;
  google::protobuf::TextFormat::PrintToString(plan->experiment(), &text);
  std::cout << text << std::flush;
  return kExitOk;
}

}  // namespace

Command AddResolve(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(app, "resolve", "check a config and print it complete");
  flags->config.AddTo(command);
  AddOption(command, "--plan", flags->plan, "write what a launcher needs to this file instead")
      .TypeName("FILE");
  return {command, [flags] { return RunResolve(*flags); }};
}

}  // namespace drover
