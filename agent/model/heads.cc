#include "agent/model/heads.h"

#include "agent/distributions/make_distribution.h"

namespace drover {

absl::StatusOr<std::unique_ptr<Distribution>> MakePolicyHead(const Space& action) {
  return MakeDistribution(action, ModelConfig());
}

}  // namespace drover
