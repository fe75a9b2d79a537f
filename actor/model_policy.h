#ifndef DROVER_ACTOR_MODEL_POLICY_H_
#define DROVER_ACTOR_MODEL_POLICY_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "actor/policy.h"
#include "actor/weight_cache.h"
#include "agent/model/model.h"
#include "common/random.h"

namespace drover {

// Acts with a model in this process: one batched forward pass without
// gradients per step.
//
// The noise of a sample is drawn from `random`, so the actions are a function
// of weights, observations and its key.
class ModelPolicy final : public Policy {
 public:
  enum class Mode {
    kSample,  // draw from the distribution: training
    kGreedy,  // its mode: evaluation
  };

  // For `environments` copies. `weights` writes to the model's acting
  // parameters; null: they stay as they are, and their version is 0.
  // Model and weights outlive this.
  ModelPolicy(const Model* model, WeightCache* weights, int64_t environments,
              int64_t observation_elements, Mode mode, Random random);

  uint64_t Refresh() override;
  void Act(const float* observation, const ActionRow& action, float* log_prob) override;
  const float* state() const override;
  void Forget(int environment) override;
  void SaveOrRestore(Archive* archive) override;

 private:
  at::Tensor Parameters();  // of the distribution, by observation_ and state_
  Distribution::Draw Choose(const at::Tensor& parameters, bool with_log_prob);

  const Model* const model_;
  WeightCache* const weights_;
  const Mode mode_;
  Random random_;
  at::Tensor observation_;  // [E, O] float32, on the CPU
  at::Tensor noise_;        // [E, noise_count] float32, uniform
  at::Tensor state_;        // [E, S] float32; S may be 0
};

}  // namespace drover

#endif  // DROVER_ACTOR_MODEL_POLICY_H_
