#ifndef DROVER_ENV_ENVIRONMENT_H_
#define DROVER_ENV_ENVIRONMENT_H_

#include <cstddef>
#include <cstdint>

#include "common/archive.h"
#include "common/end.h"
#include "common/random.h"
#include "env/spec.h"

namespace drover {

// One action: the field that the action space asks for.
struct Action {
  int32_t discrete = 0;               // 0 … n-1
  const float* continuous = nullptr;  // [A] of the caller, read during the call only
};

struct StepResult {
  float reward = 0;
  End end = End::kRunning;
};

// One copy of a task, stepped by one agent. VectorEnvironment is how actors use it; the registry
// makes it.
//
// To write one: derive, hand the spec to the constructor, implement DoReset, DoStep and
// DoSaveOrRestore, add it to the table in env/registry.cc; tests/contract checks it from then on.
//
// Threads: none of its own, and no locks. One thread at a time; copies share nothing that changes.
// Memory: observations are written, as spec().observation.elements() floats in row-major order,
// where the caller points; no call keeps the pointer. Neither Reset nor Step allocates.
// Determinism: an episode is a function of the random numbers given to Reset and of the actions.
// Order: Reset, Step … until a step ends the episode, Reset, …. Anything else, and a discrete
// action out of range, is a bug of the caller and ends the process.
class Environment {
 public:
  virtual ~Environment() = default;
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  const EnvironmentSpec& spec() const { return spec_; }

  // Starts an episode, also in the midst of one, and writes its first observation.
  void Reset(Random& random, float* observation);

  // Acts once and writes the observation that follows: the final one where the episode ends.
  // Applies the time limit, here and nowhere else.
  StepResult Step(const Action& action, float* observation);

  // Steps since Reset: 0 for the first observation.
  int64_t episode_step() const { return episode_step_; }

  // In the midst of an episode: saves all that what follows depends on, or puts this environment
  // where the one that was saved was. At most kMaxStateBytes.
  void SaveOrRestore(Archive* archive);
  static constexpr size_t kMaxStateBytes = 4096;

 protected:
  explicit Environment(EnvironmentSpec spec);

 private:
  // As Reset. An environment that is random while it steps keeps random.Fork() for that.
  virtual void DoReset(Random& random, float* observation) = 0;

  // As Step, without the time limit. Continuous actions may lie outside of their bounds: what
  // happens then is the environment's business, as in Gymnasium.
  virtual StepResult DoStep(const Action& action, float* observation) = 0;

  // Lists each number that changes, with the range that DoStep relies on.
  virtual void DoSaveOrRestore(Archive* archive) = 0;

  const EnvironmentSpec spec_;
  int64_t episode_step_ = 0;
  bool running_ = false;
};

}  // namespace drover

#endif  // DROVER_ENV_ENVIRONMENT_H_
