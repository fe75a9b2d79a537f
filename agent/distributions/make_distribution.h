#ifndef DROVER_AGENT_DISTRIBUTIONS_MAKE_DISTRIBUTION_H_
#define DROVER_AGENT_DISTRIBUTIONS_MAKE_DISTRIBUTION_H_

#include <memory>

#include "absl/status/statusor.h"
#include "agent/distributions/distribution.h"
#include "env/spec.h"
#include "proto/experiment.pb.h"

namespace drover {

// The distribution that `config.policy` names, over an action space; where it
// names none, categorical for a discrete space, else Gaussian. INVALID_ARGUMENT,
// with what is allowed, where that cannot act in the space: categorical needs a
// discrete one, the others a box of one axis, and all but Gaussian finite bounds.
absl::StatusOr<std::unique_ptr<Distribution>> MakeDistribution(const Space& action,
                                                               const ModelConfig& config);

}  // namespace drover

#endif  // DROVER_AGENT_DISTRIBUTIONS_MAKE_DISTRIBUTION_H_
