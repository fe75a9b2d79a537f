#ifndef DROVER_AGENT_MODEL_HEADS_H_
#define DROVER_AGENT_MODEL_HEADS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "agent/distributions/distribution.h"
#include "env/spec.h"

namespace drover {

// MakeDistribution (agent/distributions) of an action space's own head.
absl::StatusOr<std::unique_ptr<Distribution>> MakePolicyHead(const Space& action);

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_HEADS_H_
