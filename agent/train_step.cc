#include "agent/train_step.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>

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

constexpr uint64_t kMinibatchStream = 0x6d696e69;  // keeps these draws apart from others of the seed

at::Tensor Shuffled(int64_t count, uint64_t seed, uint64_t version, uint64_t epoch) {
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  Random random({seed, kMinibatchStream, version, epoch});
  for (int64_t i = count - 1; i > 0; --i) std::swap(order[i], order[random.Below(i + 1)]);
  return at::tensor(order, at::kLong);
}

Steps MakeSteps(const Batch& batch, const BatchOutput& output, double gamma) {
  const auto is = [&batch](End end) {
    return (batch.end == static_cast<int64_t>(end)).to(at::kFloat);
  };
  return {batch.reward, (1 - is(End::kTerminated)) * gamma, is(End::kTruncated),
          output.value.detach(), output.next_value};
}

// The steps of a batch as a list: [T, B, …] -> [T*B, …].
struct FlatBatch {
  at::Tensor observation;
  at::Tensor action;
  at::Tensor log_prob;
  TensorMap targets;
};

FlatBatch Flatten(const Batch& batch, const TensorMap& targets) {
  FlatBatch flat{batch.observation.narrow(0, 0, batch.steps()).flatten(0, 1),
                 batch.action.flatten(0, 1), batch.log_prob.flatten(0, 1), {}};
  for (const auto& [name, target] : targets) flat.targets[name] = target.flatten(0, 1);
  return flat;
}

}  // namespace

// One call of Run: what its steps share, and what they add up to.
struct TrainStep::Work {
  const Batch& batch;
  uint64_t version;
  uint64_t trained_frames;
  std::vector<std::pair<std::string, at::Tensor>> values;  // of every step taken
  Statistics sums;
  int64_t steps = 0;
};

TrainStep::TrainStep(const Experiment& config, const Algorithm& algorithm, Model* model)
    : config_(config), algorithm_(algorithm), model_(model) {
  for (size_t i = 0; i < algorithm.phases.size(); ++i) {
    rules_.push_back(MakeUpdateRule(config.update(), model->parameters().values()));
  }
}

Statistics TrainStep::Run(const Batch& batch, uint64_t version, uint64_t trained_frames) {
  Work work{batch, version, trained_frames, {}, {}, 0};
  for (size_t i = 0; i < algorithm_.phases.size(); ++i) {
    RunPhase(algorithm_.phases[i], rules_[i].get(), &work);
  }
  for (auto& [name, sum] : work.sums) sum /= static_cast<double>(work.steps);
  work.sums["rate"] = ValueAt(config_.update().rate(), trained_frames);
  work.sums["steps"] = static_cast<double>(work.steps);
  return std::move(work.sums);
}

void TrainStep::RunPhase(const Phase& phase, UpdateRule* rule, Work* work) {
  const Batch& batch = work->batch;
  const int64_t count = batch.steps() * batch.unrolls();
  const int64_t minibatch = config_.update().minibatch();
  // One pass over the whole batch: its forward serves the targets and the loss.
  const bool single = config_.update().epochs() == 1 && minibatch >= count;
  const double start = MonotonicSeconds();
  BatchOutput output;
  {
    const at::AutoGradMode grad(single);
    output = ForwardBatch(*model_, batch);
  }
  const at::Tensor policy = output.policy.detach();
  const Steps steps = MakeSteps(batch, output, config_.returns().gamma());
  const FlatBatch flat = Flatten(
      batch, phase.targets({config_, batch, steps, policy,
                            model_->distribution().LogProb(policy, batch.action)}));
  LossInput input{config_,       model_->distribution(), {}, {}, flat.action, flat.log_prob,
                  flat.targets, work->trained_frames};
  seconds_.forward_backward += MonotonicSeconds() - start;
  if (single) {
    input.policy = output.policy.flatten(0, 1);
    input.value = output.value.flatten(0, 1);
    TakeStep(phase, rule, input, work);
    return;
  }
  for (uint64_t epoch = 0; epoch < config_.update().epochs(); ++epoch) {
    const at::Tensor order = Shuffled(count, config_.seed(), work->version, epoch).to(batch.reward.device());
    for (int64_t first = 0; first < count; first += minibatch) {
      const at::Tensor index = order.narrow(0, first, minibatch);
      Model::Output forward = model_->Forward(flat.observation.index_select(0, index));
      input.policy = forward.policy;
      input.value = forward.value;
      input.action = flat.action.index_select(0, index);
      input.behaviour_log_prob = flat.log_prob.index_select(0, index);
      for (const auto& [name, target] : flat.targets) {
        input.targets[name] = target.index_select(0, index);
      }
      if (!TakeStep(phase, rule, input, work)) return;
    }
  }
}

bool TrainStep::TakeStep(const Phase& phase, UpdateRule* rule, const LossInput& input,
                         Work* work) {
  const double start = MonotonicSeconds();
  const Parameters& parameters = model_->parameters();
  const LossTerms terms = phase.loss(input);
  const at::Tensor total = terms.Total();
  parameters.gradient().zero_();
  total.backward();
  const double middle = MonotonicSeconds();
  seconds_.forward_backward += middle - start;

  const double norm = ClipGlobalNorm(config_.update().max_norm(), parameters.gradient());
  ++work->steps;
  const bool finite = std::isfinite(norm);
  work->sums["skipped"] += finite ? 0 : 1;
  if (finite) {
    rule->Apply(parameters.values(), parameters.gradient(),
                ValueAt(config_.update().rate(), work->trained_frames));
    work->sums["gradient_norm"] += norm;
    work->sums["loss"] += total.item<double>();
  }
  for (const auto& [name, value] : terms.values()) {
    if (finite) work->sums[name] += value.item<double>();
  }
  seconds_.optimizer += MonotonicSeconds() - middle;
  const double kl_limit = config_.update().target_kl();
  return kl_limit <= 0 || terms.Get("kl") <= 1.5 * kl_limit;
}

}  // namespace drover
