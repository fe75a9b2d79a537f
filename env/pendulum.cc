#include "env/pendulum.h"

#include <algorithm>
#include <cmath>

namespace drover {
namespace {

constexpr double kGravity = 10.0;   // m/s²
constexpr double kMass = 1.0;       // kg
constexpr double kLength = 1.0;     // m
constexpr float kMaxTorque = 2.0;   // N·m
constexpr double kMaxSpeed = 8.0;   // rad/s
constexpr double kTimeStep = 0.05;  // s
constexpr double kPi = 3.141592653589793;

EnvironmentSpec MakeSpec() {
  const std::vector<float> high = {1, 1, static_cast<float>(kMaxSpeed)};
  const std::vector<float> low = {-high[0], -high[1], -high[2]};
  EnvironmentSpec spec;
  spec.id = "Pendulum-v1";
  spec.observation = Space::Box({3}, low, high);
  spec.action = Space::Box({1}, -kMaxTorque, kMaxTorque);
  spec.max_episode_steps = 200;
  return spec;
}

// The same angle in [-π, π), as Python's modulo has it.
double Wrapped(double angle) {
  const double turn = 2 * kPi;
  const double rest = std::fmod(angle + kPi, turn);
  return (rest < 0 ? rest + turn : rest) - kPi;
}

}  // namespace

Pendulum::Pendulum() : Environment(MakeSpec()) {}

void Pendulum::DoReset(Random& random, float* observation) {
  state_.angle = random.Uniform(-kPi, kPi);
  state_.angular_velocity = random.Uniform(-1, 1);
  Observe(observation);
}

// The order of operations is Gymnasium's; so is that a torque's are in float32.
StepResult Pendulum::DoStep(const Action& action, float* observation) {
  const float torque = std::clamp(action.continuous[0], -kMaxTorque, kMaxTorque);
  const double angle = Wrapped(state_.angle);
  const double speed = state_.angular_velocity;
  const double cost =
      angle * angle + 0.1 * (speed * speed) + static_cast<double>(0.001F * (torque * torque));
  const double pull = 3 * kGravity / (2 * kLength) * std::sin(state_.angle);
  const float push = static_cast<float>(3.0 / (kMass * kLength * kLength)) * torque;
  state_.angular_velocity =
      std::clamp(speed + (pull + static_cast<double>(push)) * kTimeStep, -kMaxSpeed, kMaxSpeed);
  state_.angle += state_.angular_velocity * kTimeStep;
  Observe(observation);
  return {static_cast<float>(-cost), End::kRunning};
}

void Pendulum::DoSaveOrRestore(Archive* archive) {
  archive->Value(&state_.angle);
  archive->Value(&state_.angular_velocity, -kMaxSpeed, kMaxSpeed);
}

void Pendulum::Observe(float* observation) const {
  observation[0] = static_cast<float>(std::cos(state_.angle));
  observation[1] = static_cast<float>(std::sin(state_.angle));
  observation[2] = static_cast<float>(state_.angular_velocity);
}

}  // namespace drover
