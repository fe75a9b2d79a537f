#include "agent/model/heads.h"

#include "agent/distributions/categorical.h"

namespace drover {

absl::StatusOr<std::unique_ptr<Distribution>> MakePolicyHead(const Space& action) {
  if (action.discrete()) return std::make_unique<Categorical>(action.n);
  return absl::InvalidArgumentError(
      "no policy head for a continuous action space yet; allowed are environments with discrete "
      "actions");
}

}  // namespace drover
