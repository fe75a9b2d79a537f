#ifndef DROVER_AGENT_ALGORITHMS_TABLE_H_
#define DROVER_AGENT_ALGORITHMS_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/algorithms/algorithm.h"

namespace drover {

// Every algorithm there is, in the order that `drover list algorithms` prints.
const std::vector<Algorithm>& Algorithms();

// NOT_FOUND, with the nearest name and all that are known.
absl::StatusOr<const Algorithm*> FindAlgorithm(const std::string& name);

}  // namespace drover

#endif  // DROVER_AGENT_ALGORITHMS_TABLE_H_
