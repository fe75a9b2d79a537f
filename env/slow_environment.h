#ifndef DROVER_ENV_SLOW_ENVIRONMENT_H_
#define DROVER_ENV_SLOW_ENVIRONMENT_H_

#include <memory>

#include "env/environment.h"

namespace drover {

// Another environment as a slow simulator would have it: a step, from its action to what comes of
// it, takes `step_seconds` or, where that is more, what the environment itself needs. It sleeps so
// long and leaves the core to others. Reset is as fast as ever.
//
// Copies of a VectorEnvironment step in turn, so E of them take E times as long, as simulators that
// compute do on one thread. All else, the spec too, is the environment's.
class SlowEnvironment : public Environment {
 public:
  SlowEnvironment(std::unique_ptr<Environment> environment, double step_seconds);

 private:
  void DoReset(Random& random, float* observation) override;
  StepResult DoStep(const Action& action, float* observation) override;
  void DoSaveOrRestore(Archive* archive) override;

  const std::unique_ptr<Environment> environment_;
  const double step_seconds_;
};

}  // namespace drover

#endif  // DROVER_ENV_SLOW_ENVIRONMENT_H_
