#include "env/cartpole.h"

#include <cmath>
#include <limits>

namespace drover {
namespace {

constexpr double kGravity = 9.8;   // m/s²
constexpr double kCartMass = 1.0;  // kg
constexpr double kPoleMass = 0.1;  // kg
constexpr double kTotalMass = kPoleMass + kCartMass;
constexpr double kHalfLength = 0.5;  // m, of the pole
constexpr double kPoleMoment = kPoleMass * kHalfLength;
constexpr double kForce = 10.0;     // N
constexpr double kTimeStep = 0.02;  // s
constexpr double kPi = 3.141592653589793;
constexpr double kMaxAngle = 12 * 2 * kPi / 360;  // rad
constexpr double kMaxPosition = 2.4;              // m
constexpr double kStart = 0.05;                   // bound of each number of the first state

EnvironmentSpec MakeSpec() {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  // Twice what terminates, so that final observations lie within.
  const std::vector<float> high = {static_cast<float>(kMaxPosition * 2), kInfinity,
                                   static_cast<float>(kMaxAngle * 2), kInfinity};
  const std::vector<float> low = {-high[0], -high[1], -high[2], -high[3]};
  EnvironmentSpec spec;
  spec.id = "CartPole-v1";
  spec.observation = Space::Box({4}, low, high);
  spec.action = Space::Discrete(2);
  spec.max_episode_steps = 500;
  spec.reward_threshold = 475;
  return spec;
}

// One Euler step. The order of operations is Gymnasium's, to the last bit.
CartPole::State Advance(const CartPole::State& state, double force) {
  const double cosine = std::cos(state.angle);
  const double sine = std::sin(state.angle);
  const double push =
      (force + kPoleMoment * (state.angular_velocity * state.angular_velocity) * sine) / kTotalMass;
  const double angular_acceleration =
      (kGravity * sine - cosine * push) /
      (kHalfLength * (4.0 / 3.0 - kPoleMass * (cosine * cosine) / kTotalMass));
  const double acceleration = push - kPoleMoment * angular_acceleration * cosine / kTotalMass;
  return {state.position + kTimeStep * state.velocity, state.velocity + kTimeStep * acceleration,
          state.angle + kTimeStep * state.angular_velocity,
          state.angular_velocity + kTimeStep * angular_acceleration};
}

}  // namespace

CartPole::CartPole() : Environment(MakeSpec()) {}

void CartPole::DoReset(Random& random, float* observation) {
  state_.position = random.Uniform(-kStart, kStart);
  state_.velocity = random.Uniform(-kStart, kStart);
  state_.angle = random.Uniform(-kStart, kStart);
  state_.angular_velocity = random.Uniform(-kStart, kStart);
  Observe(observation);
}

StepResult CartPole::DoStep(const Action& action, float* observation) {
  state_ = Advance(state_, action.discrete == 1 ? kForce : -kForce);
  Observe(observation);
  const bool fallen =
      std::abs(state_.position) > kMaxPosition || std::abs(state_.angle) > kMaxAngle;
  return {1.0F, fallen ? End::kTerminated : End::kRunning};
}

void CartPole::DoSaveOrRestore(Archive* archive) {
  archive->Value(&state_.position);
  archive->Value(&state_.velocity);
  archive->Value(&state_.angle);
  archive->Value(&state_.angular_velocity);
}

void CartPole::Observe(float* observation) const {
  observation[0] = static_cast<float>(state_.position);
  observation[1] = static_cast<float>(state_.velocity);
  observation[2] = static_cast<float>(state_.angle);
  observation[3] = static_cast<float>(state_.angular_velocity);
}

}  // namespace drover
