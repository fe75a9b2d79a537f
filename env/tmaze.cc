#include "env/tmaze.h"

namespace drover {
namespace {

constexpr int kLength = 10;  // steps from the start to the junction
constexpr int kForward = 0;
constexpr int kUp = 1;

EnvironmentSpec Spec() {
  EnvironmentSpec spec;
  spec.id = "TMaze-v0";
  spec.observation = Space::Box({3}, {-1, 0, 0}, {1, 1, 1});
  spec.action = Space::Discrete(3);
  spec.max_episode_steps = int64_t{3} * kLength;
  return spec;
}

void Observe(int sign, int position, float* observation) {
  observation[0] = static_cast<float>(sign);
  observation[1] = position == kLength ? 1 : 0;
  observation[2] = position == kLength ? 0 : 1;
}

}  // namespace

TMaze::TMaze() : Environment(Spec()) {}

void TMaze::DoReset(Random& random, float* observation) {
  sign_ = random.Below(2) == 0 ? 1 : -1;
  position_ = 0;
  Observe(sign_, position_, observation);
}

StepResult TMaze::DoStep(const Action& action, float* observation) {
  const bool at_junction = position_ == kLength;
  const bool turns = action.discrete != kForward;
  StepResult result;
  if (at_junction && turns) {
    const int turn = action.discrete == kUp ? 1 : -1;
    result = {turn == sign_ ? 1.0F : -1.0F, End::kTerminated};
  } else if (at_junction || turns) {
    result.reward = -0.01F;
  } else {
    ++position_;
  }
  Observe(0, position_, observation);
  return result;
}

void TMaze::DoSaveOrRestore(Archive* archive) {
  archive->Value(&sign_, -1, 1);
  archive->Value(&position_, 0, kLength);
}

}  // namespace drover
