#ifndef DROVER_ACTOR_EXPLORING_POLICY_H_
#define DROVER_ACTOR_EXPLORING_POLICY_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "actor/policy.h"
#include "agent/exploration/exploration_noise.h"
#include "env/vector_environment.h"

namespace drover {

// Another policy's actions with exploration noise, and uniform ones as long as the run is young.
// Actions are continuous.
class ExploringPolicy final : public Policy {
 public:
  // All outlive it. `frames`: environment steps of the run so far, roughly; uniform below
  // `uniform_frames`.
  ExploringPolicy(Policy* policy, ExplorationNoise noise, const VectorEnvironment* environments,
                  uint64_t uniform_frames, std::function<uint64_t()> frames)
      : policy_(policy),
        noise_(std::move(noise)),
        environments_(environments),
        uniform_frames_(uniform_frames),
        frames_(std::move(frames)) {}

  uint64_t Refresh() override { return policy_->Refresh(); }
  void Act(const float* observation, const ActionRow& action, float* log_prob) override;
  const float* state() const override { return policy_->state(); }
  void Forget(int environment) override { policy_->Forget(environment); }
  void SaveOrRestore(Archive* archive) override;

 private:
  Policy* const policy_;
  ExplorationNoise noise_;
  const VectorEnvironment* const environments_;
  const uint64_t uniform_frames_;
  const std::function<uint64_t()> frames_;
  bool warm_ = false;  // uniform no more
};

}  // namespace drover

#endif  // DROVER_ACTOR_EXPLORING_POLICY_H_
