#include "env/mountain_car_continuous.h"

#include <algorithm>
#include <cmath>

namespace drover {
namespace {

constexpr float kMinPosition = -1.2F;
constexpr float kMaxPosition = 0.6F;
constexpr float kMaxSpeed = 0.07F;
constexpr float kGoal = 0.45F;
constexpr double kPower = 0.0015;
constexpr double kGravity = 0.0025;

EnvironmentSpec MakeSpec() {
  EnvironmentSpec spec;
  spec.id = "MountainCarContinuous-v0";
  spec.observation = Space::Box({2}, {kMinPosition, -kMaxSpeed}, {kMaxPosition, kMaxSpeed});
  spec.action = Space::Box({1}, -1, 1);
  spec.max_episode_steps = 999;
  spec.reward_threshold = 90;
  return spec;
}

// What one step adds to the speed. A clipped force is a Python float and makes it float64, another
// one is NumPy's float32.
float Acceleration(float action, float position) {
  const double slope = kGravity * std::cos(static_cast<double>(3 * position));
  if (action > 1) return static_cast<float>(kPower - slope);
  if (action < -1) return static_cast<float>(-kPower - slope);
  return action * static_cast<float>(kPower) - static_cast<float>(slope);
}

}  // namespace

MountainCarContinuous::MountainCarContinuous() : Environment(MakeSpec()) {}

void MountainCarContinuous::DoReset(Random& random, float* observation) {
  state_.position = static_cast<float>(random.Uniform(-0.6, -0.4));
  state_.velocity = 0;
  Observe(observation);
}

StepResult MountainCarContinuous::DoStep(const Action& action, float* observation) {
  const float acceleration = Acceleration(action.continuous[0], state_.position);
  state_.velocity = std::clamp(state_.velocity + acceleration, -kMaxSpeed, kMaxSpeed);
  state_.position = std::clamp(state_.position + state_.velocity, kMinPosition, kMaxPosition);
  if (state_.position == kMinPosition && state_.velocity < 0) state_.velocity = 0;
  Observe(observation);
  const bool reached = state_.position >= kGoal && state_.velocity >= 0;
  const double force = action.continuous[0];
  const double reward = (reached ? 100.0 : 0.0) - force * force * 0.1;
  return {static_cast<float>(reward), reached ? End::kTerminated : End::kRunning};
}

void MountainCarContinuous::DoSaveOrRestore(Archive* archive) {
  archive->Value(&state_.position, kMinPosition, kMaxPosition);
  archive->Value(&state_.velocity, -kMaxSpeed, kMaxSpeed);
}

void MountainCarContinuous::Observe(float* observation) const {
  observation[0] = state_.position;
  observation[1] = state_.velocity;
}

}  // namespace drover
