#include "env/environment.h"

#include <limits>
#include <utility>

#include "common/check.h"

namespace drover {

Environment::Environment(EnvironmentSpec spec) : spec_(std::move(spec)) {
  DROVER_CHECK(!spec_.observation.discrete()) << spec_.id;
}

void Environment::Reset(Random& random, float* observation) {
  DoReset(random, observation);
  episode_step_ = 0;
  running_ = true;
}

StepResult Environment::Step(const Action& action, float* observation) {
  DROVER_CHECK(running_) << spec_.id << ": Step without Reset";
  if (spec_.action.discrete()) {
    DROVER_CHECK(action.discrete >= 0 && action.discrete < spec_.action.n)
        << spec_.id << ": action " << action.discrete;
  }
  StepResult result = DoStep(action, observation);
  ++episode_step_;
  if (result.end == End::kRunning && episode_step_ == spec_.max_episode_steps) {
    result.end = End::kTruncated;
  }
  running_ = result.end == End::kRunning;
  return result;
}

void Environment::SaveOrRestore(Archive* archive) {
  DROVER_CHECK(running_ || archive->restoring()) << spec_.id;
  const int64_t limit = spec_.max_episode_steps;
  archive->Value<int64_t>(&episode_step_, 0,
                          limit > 0 ? limit - 1 : std::numeric_limits<int64_t>::max());
  DoSaveOrRestore(archive);
  running_ = true;
}

}  // namespace drover
