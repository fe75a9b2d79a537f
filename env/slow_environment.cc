#include "env/slow_environment.h"

#include <chrono>
#include <thread>
#include <utility>

namespace drover {

using Clock = std::chrono::steady_clock;

SlowEnvironment::SlowEnvironment(std::unique_ptr<Environment> environment, double step_seconds)
    : Environment(environment->spec()),
      environment_(std::move(environment)),
      step_seconds_(step_seconds) {}

void SlowEnvironment::DoReset(Random& random, float* observation) {
  environment_->Reset(random, observation);
}

StepResult SlowEnvironment::DoStep(const Action& action, float* observation) {
  const Clock::time_point start = Clock::now();
  const StepResult result = environment_->Step(action, observation);
  std::this_thread::sleep_until(start + std::chrono::duration_cast<Clock::duration>(
                                            std::chrono::duration<double>(step_seconds_)));
  return result;
}

void SlowEnvironment::DoSaveOrRestore(Archive* archive) { environment_->SaveOrRestore(archive); }

}  // namespace drover
