#ifndef DROVER_AGENT_ALGORITHMS_IMPALA_H_
#define DROVER_AGENT_ALGORITHMS_IMPALA_H_

#include "agent/algorithms/algorithm.h"

namespace drover {

// IMPALA (Espeholt et al. 2018, arXiv:1802.01561): actors run behind the
// learner; V-trace corrects what they did to what the policy would do now.
//   loss = −ρ_t log π(a|x) (r + γ v_{t+1} − V) + c_v ½ (v − V)² − c_e H[π]
Algorithm Impala();

}  // namespace drover

#endif  // DROVER_AGENT_ALGORITHMS_IMPALA_H_
