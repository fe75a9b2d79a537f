#include "env/bandit.h"

#include <utility>

namespace drover {
namespace {

EnvironmentSpec MakeSpec(std::string id, Space action) {
  EnvironmentSpec spec;
  spec.id = std::move(id);
  spec.observation = Space::Box({1}, -1, 1);
  spec.action = std::move(action);
  return spec;
}

}  // namespace

Bandit::Bandit(std::string id, Space action)
    : Environment(MakeSpec(std::move(id), std::move(action))) {}

void Bandit::DoReset(Random& random, float* observation) {
  noise_ = 2 * random.UniformFloat() - 1;
  observation[0] = noise_;
}

StepResult Bandit::DoStep(const Action& action, float* observation) {
  observation[0] = noise_;
  return {Payoff(action), End::kTerminated};
}

void Bandit::DoSaveOrRestore(Archive* archive) { archive->Value(&noise_, -1.0F, 1.0F); }

}  // namespace drover
