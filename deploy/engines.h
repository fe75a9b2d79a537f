#ifndef DROVER_DEPLOY_ENGINES_H_
#define DROVER_DEPLOY_ENGINES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "deploy/engine.h"

namespace drover {

constexpr char kLocalEngine[] = "local";

// What `drover up --on` takes.
std::vector<std::string> EngineNames();

// INVALID_ARGUMENT: there is none of this name.
absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(const std::string& name,
                                                   const Placement& placement);

}  // namespace drover

#endif  // DROVER_DEPLOY_ENGINES_H_
