#include "env/acrobot.h"

#include <algorithm>
#include <cmath>

namespace drover {
namespace {

using State = Acrobot::State;

constexpr double kGravity = 9.8;   // m/s²
constexpr double kLength = 1.0;    // m, of the first link
constexpr double kCentre = 0.5;    // m, from a link's upper end to its centre of mass
constexpr double kMass = 1.0;      // kg, of each link
constexpr double kInertia = 1.0;   // kg·m², of each link
constexpr double kTimeStep = 0.2;  // s
constexpr double kStart = 0.1;     // bound of each number of the first state
constexpr double kPi = 3.141592653589793;
constexpr double kMaxSpeed1 = 4 * kPi;
constexpr double kMaxSpeed2 = 9 * kPi;

EnvironmentSpec MakeSpec() {
  constexpr auto kSpeed1 = static_cast<float>(kMaxSpeed1);
  constexpr auto kSpeed2 = static_cast<float>(kMaxSpeed2);
  EnvironmentSpec spec;
  spec.id = "Acrobot-v1";
  spec.observation =
      Space::Box({6}, {-1, -1, -1, -1, -kSpeed1, -kSpeed2}, {1, 1, 1, 1, kSpeed1, kSpeed2});
  spec.action = Space::Discrete(3);
  spec.max_episode_steps = 500;
  spec.reward_threshold = -100;
  return spec;
}

// The state's derivative in time. The order of operations is Gymnasium's.
State Derivative(const State& state, double torque) {
  const auto [theta1, theta2, speed1, speed2] = state;
  const double cosine = std::cos(theta2);
  const double sine = std::sin(theta2);
  const double d1 =
      kMass * (kCentre * kCentre) +
      kMass * (kLength * kLength + kCentre * kCentre + 2 * kLength * kCentre * cosine) + kInertia +
      kInertia;
  const double d2 = kMass * (kCentre * kCentre + kLength * kCentre * cosine) + kInertia;
  const double phi2 = kMass * kCentre * kGravity * std::cos(theta1 + theta2 - kPi / 2.0);
  const double phi1 = -kMass * kLength * kCentre * (speed2 * speed2) * sine -
                      2 * kMass * kLength * kCentre * speed2 * speed1 * sine +
                      (kMass * kCentre + kMass * kLength) * kGravity * std::cos(theta1 - kPi / 2) +
                      phi2;
  const double acceleration2 =
      (torque + d2 / d1 * phi1 - kMass * kLength * kCentre * (speed1 * speed1) * sine - phi2) /
      (kMass * (kCentre * kCentre) + kInertia - d2 * d2 / d1);
  return {speed1, speed2, -(d2 * acceleration2 + phi1) / d1, acceleration2};
}

State Moved(const State& state, double time, const State& derivative) {
  State moved = state;
  for (size_t i = 0; i < moved.size(); ++i) moved[i] += time * derivative[i];
  return moved;
}

// One step of the classical Runge-Kutta method of fourth order.
State Advance(const State& state, double torque) {
  const State k1 = Derivative(state, torque);
  const State k2 = Derivative(Moved(state, kTimeStep / 2, k1), torque);
  const State k3 = Derivative(Moved(state, kTimeStep / 2, k2), torque);
  const State k4 = Derivative(Moved(state, kTimeStep, k3), torque);
  State sum{};
  for (size_t i = 0; i < sum.size(); ++i) sum[i] = k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i];
  return Moved(state, kTimeStep / 6, sum);
}

double Wrapped(double angle) {
  while (angle > kPi) angle -= 2 * kPi;
  while (angle < -kPi) angle += 2 * kPi;
  return angle;
}

}  // namespace

Acrobot::Acrobot() : Environment(MakeSpec()) {}

void Acrobot::DoReset(Random& random, float* observation) {
  for (double& number : state_) number = random.Uniform(-kStart, kStart);
  Observe(observation);
}

StepResult Acrobot::DoStep(const Action& action, float* observation) {
  const State next = Advance(state_, action.discrete - 1);
  state_ = {Wrapped(next[0]), Wrapped(next[1]), std::clamp(next[2], -kMaxSpeed1, kMaxSpeed1),
            std::clamp(next[3], -kMaxSpeed2, kMaxSpeed2)};
  Observe(observation);
  const bool up = -std::cos(state_[0]) - std::cos(state_[1] + state_[0]) > 1.0;
  return up ? StepResult{0, End::kTerminated} : StepResult{-1, End::kRunning};
}

void Acrobot::DoSaveOrRestore(Archive* archive) {
  const State most = {kPi, kPi, kMaxSpeed1, kMaxSpeed2};
  for (size_t i = 0; i < most.size(); ++i) archive->Value(&state_[i], -most[i], most[i]);
}

void Acrobot::Observe(float* observation) const {
  observation[0] = static_cast<float>(std::cos(state_[0]));
  observation[1] = static_cast<float>(std::sin(state_[0]));
  observation[2] = static_cast<float>(std::cos(state_[1]));
  observation[3] = static_cast<float>(std::sin(state_[1]));
  observation[4] = static_cast<float>(state_[2]);
  observation[5] = static_cast<float>(state_[3]);
}

}  // namespace drover
