#include "env/catch.h"

#include <algorithm>

namespace drover {
namespace {

constexpr int kRows = 10;
constexpr int kColumns = 5;

EnvironmentSpec MakeSpec() {
  EnvironmentSpec spec;
  spec.id = "Catch-v0";
  spec.observation = Space::Box({kRows, kColumns}, 0, 1);
  spec.action = Space::Discrete(3);
  return spec;
}

}  // namespace

Catch::Catch() : Environment(MakeSpec()) {}

void Catch::DoReset(Random& random, float* observation) {
  ball_row_ = 0;
  ball_column_ = static_cast<int>(random.Below(kColumns));
  paddle_column_ = kColumns / 2;
  Observe(observation);
}

StepResult Catch::DoStep(const Action& action, float* observation) {
  paddle_column_ = std::clamp(paddle_column_ + action.discrete - 1, 0, kColumns - 1);
  ++ball_row_;
  Observe(observation);
  if (ball_row_ < kRows - 1) return {0, End::kRunning};
  return {paddle_column_ == ball_column_ ? 1.0F : -1.0F, End::kTerminated};
}

void Catch::DoSaveOrRestore(Archive* archive) {
  archive->Value(&ball_row_, 0, kRows - 2);
  archive->Value(&ball_column_, 0, kColumns - 1);
  archive->Value(&paddle_column_, 0, kColumns - 1);
}

void Catch::Observe(float* observation) const {
  std::fill_n(observation, kRows * kColumns, 0.0F);
  observation[ball_row_ * kColumns + ball_column_] = 1;
  observation[(kRows - 1) * kColumns + paddle_column_] = 1;
}

}  // namespace drover
