#ifndef DROVER_TESTS_ENV_COUNTER_H_
#define DROVER_TESTS_ENV_COUNTER_H_

#include <vector>

#include "env/environment.h"

namespace drover {

// An environment whose numbers a test can compute. Each episode has a random `tag`; observations
// are [tag, step, sum of the actions so far]; the reward is the action's first number; it
// terminates when the sum reaches `goal`.
class Counter : public Environment {
 public:
  Counter(Space action, double goal, int64_t max_episode_steps)
      : Environment(MakeSpec(std::move(action), max_episode_steps)), goal_(goal) {}

 private:
  static EnvironmentSpec MakeSpec(Space action, int64_t max_episode_steps) {
    EnvironmentSpec spec;
    spec.id = "Counter";
    spec.observation = Space::Box({3}, 0, 1e9F);
    spec.action = std::move(action);
    spec.max_episode_steps = max_episode_steps;
    return spec;
  }

  void DoReset(Random& random, float* observation) override {
    tag_ = static_cast<float>(random.Below(1 << 20));
    steps_ = 0;
    sum_ = 0;
    Observe(observation);
  }

  StepResult DoStep(const Action& action, float* observation) override {
    float first = static_cast<float>(action.discrete);
    float total = first;
    if (!spec().action.discrete()) {
      first = action.continuous[0];
      total = 0;
      for (int64_t i = 0; i < spec().action.elements(); ++i) total += action.continuous[i];
    }
    sum_ += total;
    steps_ += 1;
    Observe(observation);
    return {first, sum_ >= goal_ ? End::kTerminated : End::kRunning};
  }

  void DoSaveOrRestore(Archive* archive) override {
    archive->Value(&tag_);
    archive->Value(&steps_);
    archive->Value(&sum_);
  }

  void Observe(float* observation) const {
    observation[0] = tag_;
    observation[1] = static_cast<float>(steps_);
    observation[2] = static_cast<float>(sum_);
  }

  double goal_;
  float tag_ = 0;
  int64_t steps_ = 0;
  double sum_ = 0;
};

}  // namespace drover

#endif  // DROVER_TESTS_ENV_COUNTER_H_
