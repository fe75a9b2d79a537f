#include "agent/train_step.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "agent/coefficient/schedule.h"
#include "agent/forward.h"
#include "agent/update/global_norm.h"
#include "common/clock.h"
#include "common/random.h"
#include "env/environment.h"

namespace drover {
namespace {

constexpr uint64_t kMinibatchStream =
    0x6d696e69;  // keeps these draws apart from others of the seed

at::Tensor Shuffled(int64_t count, uint64_t seed, uint64_t update, uint64_t epoch) {
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  Random random({seed, kMinibatchStream, update, epoch});
  for (int64_t i = count - 1; i > 0; --i) std::swap(order[i], order[random.Below(i + 1)]);
  return at::tensor(order, at::kLong);
}

Steps MakeSteps(const Batch& batch, const BatchOutput& output, const Returns& config) {
  const auto is = [&batch](End end) {
    return (batch.end == static_cast<int64_t>(end)).to(at::kFloat);
  };
  return {batch.reward * config.reward_scale(), (1 - is(End::kTerminated)) * config.gamma(),
          is(End::kTruncated), output.value.detach(), output.next_value};
}

// The steps of a batch as one list, as a loss sees them but for the model's outputs.
LossInput Flatten(const Batch& batch, const TensorMap& targets, const LossContext& context) {
  LossInput flat{context, {}, {}, batch.action.flatten(0, 1), batch.log_prob.flatten(0, 1), {}};
  for (const auto& [name, target] : targets) flat.targets[name] = target.flatten(0, 1);
  return flat;
}

// The steps at `index` [M] of a flat batch.
LossInput Select(const LossInput& flat, const at::Tensor& index) {
  LossInput chosen{flat.context,
                   {},
                   {},
                   flat.action.index_select(0, index),
                   flat.behaviour_log_prob.index_select(0, index),
                   {}};
  for (const auto& [name, target] : flat.targets) {
    chosen.targets[name] = target.index_select(0, index);
  }
  return chosen;
}

}  // namespace

TrainStep::TrainStep(const Experiment& config, const Algorithm& algorithm, Model* model)
    : config_(config), algorithm_(algorithm), model_(model) {
  for (size_t i = 0; i < algorithm.phases.size(); ++i) {
    rules_.push_back(MakeUpdateRule(config.update(), model->parameters().values()));
  }
}

Statistics TrainStep::Run(const Batch& batch, uint64_t update, uint64_t trained_frames) {
  sums_.clear();
  steps_ = 0;
  skipped_ = 0;
  rate_ = ValueAt(config_.update().rate(), trained_frames);
  const LossContext context{config_, model_->distribution(), trained_frames};
  for (size_t i = 0; i < algorithm_.phases.size(); ++i) {
    const Phase& phase = algorithm_.phases[i];
    const int64_t count = batch.steps() * batch.unrolls();
    const bool one_pass = config_.update().epochs() == 1 &&
                          static_cast<int64_t>(config_.update().minibatch()) >= count;
    if (one_pass) {
      RunOnce(phase, rules_[i].get(), batch, context);
    } else {
      RunEpochs(phase, rules_[i].get(), batch, context, update);
    }
  }
  for (auto& [name, sum] : sums_) sum /= static_cast<double>(steps_);
  sums_["skipped"] = static_cast<double>(skipped_);
  sums_["rate"] = rate_;
  return sums_;
}

TensorMap TrainStep::Targets(const Phase& phase, const Batch& batch, const BatchOutput& output) {
  const at::Tensor policy = output.policy.detach();
  const Steps steps = MakeSteps(batch, output, config_.returns());
  return phase.targets(
      {config_, batch, steps, policy, model_->distribution().LogProb(policy, batch.action)});
}

BatchOutput TrainStep::ForwardOnly(const Batch& batch) const {
  const at::NoGradGuard no_grad;
  return ForwardBatch(*model_, batch);
}

// One forward pass serves the targets and the loss.
void TrainStep::RunOnce(const Phase& phase, UpdateRule* rule, const Batch& batch,
                        const LossContext& context) {
  const double start = MonotonicSeconds();
  const BatchOutput output = ForwardBatch(*model_, batch);
  LossInput input = Flatten(batch, Targets(phase, batch, output), context);
  input.policy = output.policy.flatten(0, 1);
  input.value = output.value.flatten(0, 1);
  seconds_.forward_backward += MonotonicSeconds() - start;
  TakeStep(phase, rule, input);
}

void TrainStep::RunEpochs(const Phase& phase, UpdateRule* rule, const Batch& batch,
                          const LossContext& context, uint64_t update) {
  const double start = MonotonicSeconds();
  const LossInput flat = Flatten(batch, Targets(phase, batch, ForwardOnly(batch)), context);
  const at::Tensor observation = batch.observation.narrow(0, 0, batch.steps()).flatten(0, 1);
  seconds_.forward_backward += MonotonicSeconds() - start;

  const int64_t count = batch.steps() * batch.unrolls();
  const int64_t minibatch = config_.update().minibatch();
  for (uint64_t epoch = 0; epoch < config_.update().epochs(); ++epoch) {
    const at::Tensor order =
        Shuffled(count, config_.seed(), update, epoch).to(observation.device());
    for (int64_t first = 0; first < count; first += minibatch) {
      const at::Tensor index = order.narrow(0, first, minibatch);
      LossInput input = Select(flat, index);
      const Model::Output output = model_->Forward(observation.index_select(0, index));
      input.policy = output.policy;
      input.value = output.value;
      if (!TakeStep(phase, rule, input)) return;
    }
  }
}

bool TrainStep::TakeStep(const Phase& phase, UpdateRule* rule, const LossInput& input) {
  const double start = MonotonicSeconds();
  const Parameters& parameters = model_->parameters();
  const LossTerms terms = phase.loss(input);
  const at::Tensor loss = terms.Total();
  parameters.gradient().zero_();
  loss.backward();
  const double norm = ClipGlobalNorm(config_.update().max_norm(), parameters.gradient());
  const double middle = MonotonicSeconds();
  seconds_.forward_backward += middle - start;

  if (!std::isfinite(norm)) {
    ++skipped_;
    return true;
  }
  rule->Apply(parameters.values(), parameters.gradient(), rate_);
  seconds_.optimizer += MonotonicSeconds() - middle;

  ++steps_;
  sums_["loss"] += loss.item<double>();
  sums_["gradient_norm"] += norm;
  for (const auto& [name, value] : terms.values()) sums_[name] += value.item<double>();
  const double kl_limit = config_.update().target_kl();
  return kl_limit <= 0 || terms.Value("kl") <= kl_limit;
}

UpdateRule::NamedTensors TrainStep::State() const {
  UpdateRule::NamedTensors state;
  for (size_t i = 0; i < rules_.size(); ++i) {
    for (auto& [name, tensor] : rules_[i]->State()) {
      state.emplace_back(absl::StrCat(algorithm_.phases[i].name, ".", name), tensor);
    }
  }
  return state;
}

absl::Status TrainStep::Load(const UpdateRule::NamedTensors& state) {
  const UpdateRule::NamedTensors own = State();
  if (state.size() != own.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the optimiser's state has ", own.size(), " tensors, not ", state.size()));
  }
  for (const auto& [name, tensor] : own) {
    const auto same = [&name = name, &tensor = tensor](const auto& other) {
      return other.first == name && other.second.sizes() == tensor.sizes();
    };
    const auto found = std::find_if(state.begin(), state.end(), same);
    if (found == state.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the optimiser's state lacks ", name, " of its shape"));
    }
    tensor.copy_(found->second);
  }
  return absl::OkStatus();
}

}  // namespace drover
