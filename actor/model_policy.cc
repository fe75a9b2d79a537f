#include "actor/model_policy.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstring>

namespace drover {
namespace {

// action [E] int64 or [E, D] float32 -> the caller's row.
void Write(const at::Tensor& action, const ActionRow& row) {
  const at::Tensor dense = action.contiguous();
  if (row.discrete != nullptr) {
    const int64_t* values = dense.const_data_ptr<int64_t>();
    for (int64_t i = 0; i < dense.numel(); ++i) row.discrete[i] = static_cast<int32_t>(values[i]);
  } else {
    std::memcpy(row.continuous, dense.const_data_ptr<float>(), dense.nbytes());
  }
}

}  // namespace

ModelPolicy::ModelPolicy(const Model* model, WeightCache* weights, int64_t environments,
                         int64_t observation_elements, Mode mode, Random random)
    : model_(model),
      weights_(weights),
      mode_(mode),
      random_(random),
      observation_(at::empty({environments, observation_elements}, at::kFloat)),
      noise_(at::empty({environments, model->distribution().noise_count()}, at::kFloat)),
      state_(at::zeros({environments, model->state_elements()}, at::kFloat)) {}

uint64_t ModelPolicy::Refresh() {
  if (weights_ == nullptr) return 0;
  weights_->Update();
  return weights_->version();
}

const float* ModelPolicy::state() const {
  return state_.numel() > 0 ? state_.const_data_ptr<float>() : nullptr;
}

void ModelPolicy::Forget(int environment) {
  const int64_t elements = state_.size(1);
  std::fill_n(state_.mutable_data_ptr<float>() + environment * elements, elements, 0.0F);
}

void ModelPolicy::SaveOrRestore(Archive* archive) {
  archive->Value(&random_);
  float* const state = state_.mutable_data_ptr<float>();
  for (int64_t i = 0; i < state_.numel(); ++i) archive->Value(&state[i]);
}

at::Tensor ModelPolicy::Parameters() {
  const at::Device device = model_->parameters().values().device();
  if (state_.size(1) == 0) return model_->Policy(observation_.to(device)).to(at::kCPU);
  at::Tensor state = state_.to(device);
  const at::Tensor parameters = model_->Policy(observation_.to(device), &state).to(at::kCPU);
  state_.copy_(state);
  return parameters;
}

Distribution::Draw ModelPolicy::Choose(const at::Tensor& parameters, bool with_log_prob) {
  const Distribution& distribution = model_->distribution();
  if (mode_ == Mode::kGreedy) {
    const at::Tensor action = distribution.Mode(parameters);
    if (!with_log_prob) return {action, at::Tensor()};
    return {action, distribution.LogProb(parameters, action).contiguous()};
  }
  float* noise = noise_.data_ptr<float>();
  for (int64_t i = 0; i < noise_.numel(); ++i) noise[i] = random_.UniformFloat();
  return distribution.Sample(parameters, noise_);
}

void ModelPolicy::Act(const float* observation, const ActionRow& action, float* log_prob) {
  const c10::InferenceMode no_gradients;
  std::memcpy(observation_.data_ptr<float>(), observation, observation_.nbytes());
  const Distribution::Draw draw = Choose(Parameters(), log_prob != nullptr);
  Write(draw.action, action);
  if (log_prob == nullptr) return;
  std::memcpy(log_prob, draw.log_prob.const_data_ptr<float>(), draw.log_prob.nbytes());
}

}  // namespace drover
