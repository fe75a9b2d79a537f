#include "agent/algorithms/table.h"

#include "agent/algorithms/d4pg.h"
#include "agent/algorithms/ddpg.h"
#include "agent/algorithms/dpg.h"
#include "agent/algorithms/impala.h"
#include "agent/algorithms/policy_gradient.h"
#include "agent/algorithms/ppo.h"
#include "agent/algorithms/sac.h"
#include "common/near_match.h"

namespace drover {

const std::vector<Algorithm>& Algorithms() {
  static const auto* const algorithms = new std::vector<Algorithm>{
      Reinforce(), ActorCritic(), A2c(),  A3c(), Impala(), Ppo(), PpoKl(),
      Dpg(),       DpgOff(),      Ddpg(), Td3(), D4pg(),   Sac(), SacAuto()};
  return *algorithms;
}

absl::StatusOr<const Algorithm*> FindAlgorithm(const std::string& name) {
  std::vector<std::string> known;
  for (const Algorithm& algorithm : Algorithms()) {
    if (algorithm.name == name) return &algorithm;
    known.push_back(algorithm.name);
  }
  return absl::NotFoundError(UnknownName("algorithm", name, known));
}

}  // namespace drover
