#ifndef DROVER_ACTOR_EVALUATE_H_
#define DROVER_ACTOR_EVALUATE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "agent/model/model.h"
#include "proto/coordinator.pb.h"
#include "proto/experiment.pb.h"

namespace drover {

struct EvaluateOptions {
  std::string environment;     // its id
  uint32_t episodes = 100;     // 1 or more
  uint64_t seed = 0;           // of the environments: same seed, same start states
  std::function<bool()> stop;  // asked at each step; may be empty
  EnvironmentOptions environment_options;
};

// Plays episodes with the mode of the model's policy, in fresh environments.
//
// They are shared out over up to 128 copies and each copy's first ones count,
// so that short episodes are not favoured. Writes nothing to the model, so
// evaluating twice changes nothing. NOT_FOUND, INVALID_ARGUMENT: no such
// environment; CANCELLED: stop.
absl::StatusOr<Evaluation> Evaluate(const Model& model, const EvaluateOptions& options);

}  // namespace drover

#endif  // DROVER_ACTOR_EVALUATE_H_
