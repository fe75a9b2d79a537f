#ifndef DROVER_CLI_RESOLVE_PLAN_H_
#define DROVER_CLI_RESOLVE_PLAN_H_

#include "absl/status/statusor.h"
#include "cli/config_options.h"
#include "common/process.h"
#include "proto/coordinator.pb.h"

namespace drover {

// Has drover-agent check the config and complete it. It has told the person what is wrong where
// the exit code is not 0.
absl::StatusOr<ExitStatus> ResolvePlan(const ConfigOptions& config, Plan* plan);

// The same for a command: the exit code that it ends with where that is not kExitOk; all is told.
int ResolvePlanOrFail(const ConfigOptions& config, Plan* plan);

// The same, with what is wrong in the error, told to nobody.
absl::StatusOr<Plan> TryPlan(const ConfigOptions& config);

}  // namespace drover

#endif  // DROVER_CLI_RESOLVE_PLAN_H_
