#ifndef DROVER_TESTS_AGENT_SYNTHETIC_BATCH_H_
#define DROVER_TESTS_AGENT_SYNTHETIC_BATCH_H_

#include <string>

#include "agent/batch.h"
#include "agent/model/model.h"
#include "env/spec.h"
#include "proto/experiment.pb.h"

namespace drover {

// The config that `text` says, resolved; a message may come in pieces. Fails the test if it makes
// no sense.
Experiment Resolved(const std::string& text);

// "algorithm: 'NAME'", with what its config has to say beside it.
std::string Using(const std::string& algorithm);

// T steps of B unrolls as actors with the weights of `model` record them: random observations,
// actions drawn from the policy with their log-probabilities, reward 1 where the first number
// observed is above 0, else 0. The first unroll has a termination in its middle, the last a
// truncation. A model with memory starts with any.
Batch SyntheticBatch(const Model& model, const EnvironmentSpec& environment, int64_t steps,
                     int64_t unrolls);

}  // namespace drover

#endif  // DROVER_TESTS_AGENT_SYNTHETIC_BATCH_H_
