#include "env/tmaze.h"

namespace drover {
namespace {

constexpr int kForward = 0;
constexpr int kUp = 1;

EnvironmentSpec MakeSpec(int length) {
  EnvironmentSpec spec;
  spec.id = "TMaze-v0";
  spec.observation = Space::Box({3}, {-1, 0, 0}, {1, 1, 1});
  spec.action = Space::Discrete(3);
  spec.max_episode_steps = int64_t{3} * length;
  return spec;
}

void Observe(int sign, bool at_junction, float* observation) {
  observation[0] = static_cast<float>(sign);
  observation[1] = at_junction ? 1 : 0;
  observation[2] = at_junction ? 0 : 1;
}

}  // namespace

TMaze::TMaze(int length) : Environment(MakeSpec(length)), length_(length) {}

void TMaze::DoReset(Random& random, float* observation) {
  sign_ = random.Below(2) == 0 ? 1 : -1;
  position_ = 0;
  Observe(sign_, false, observation);
}

StepResult TMaze::DoStep(const Action& action, float* observation) {
  const bool at_junction = position_ == length_;
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
  Observe(0, position_ == length_, observation);
  return result;
}

void TMaze::DoSaveOrRestore(Archive* archive) {
  archive->Value(&sign_, -1, 1);
  archive->Value(&position_, 0, length_);
}

}  // namespace drover
