#ifndef DROVER_AGENT_MODEL_HEADS_H_
#define DROVER_AGENT_MODEL_HEADS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "agent/distributions/distribution.h"
#include "env/spec.h"

namespace drover {

// The distribution whose parameters the policy head gives, for an action
// space: categorical where it is discrete. INVALID_ARGUMENT where no head can
// act in it.
absl::StatusOr<std::unique_ptr<Distribution>> MakePolicyHead(const Space& action);

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_HEADS_H_
