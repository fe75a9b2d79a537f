#include "agent/train_step.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "agent/coefficient/adaptive_kl.h"
#include "agent/forward.h"
#include "agent/noise.h"
#include "agent/returns/policy_weights.h"
#include "agent/transition.h"
#include "common/random.h"
#include "common/topology.h"
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

Steps MakeSteps(const Batch& batch, const BatchOutput& output, const Returns& config,
                const RunningNorm& norm) {
  const auto is = [&batch](End end) {
    return (batch.end == static_cast<int64_t>(end)).to(at::kFloat);
  };
  return {norm.Rewards(batch.reward * config.reward_scale()),
          (1 - is(End::kTerminated)) * config.gamma(), is(End::kTruncated), output.value.detach(),
          output.next_value};
}

// The steps of a batch as one list, as a loss sees them but for the model's outputs.
LossInput Flatten(const Batch& batch, const TensorMap& targets, const LossContext& context) {
  LossInput flat{context};
  flat.action = batch.action.flatten(0, 1);
  flat.behaviour_log_prob = batch.log_prob.flatten(0, 1);
  for (const auto& [name, target] : targets) flat.targets[name] = target.flatten(0, 1);
  if (context.config.actors().whole_episodes()) {
    flat.mask = InEndedEpisodes(batch.end).to(at::kFloat).flatten(0, 1);
  }
  return flat;
}

// Where the steps of unrolls `columns` [n] are in a flat batch of T steps of B unrolls: [T * n].
at::Tensor StepsOf(const at::Tensor& columns, const Batch& batch) {
  const at::Tensor first = at::arange(batch.steps(), columns.options()) * batch.unrolls();
  return (first.unsqueeze(1) + columns).flatten();
}

// The steps at `index` [M] of a flat batch.
LossInput Select(const LossInput& flat, const at::Tensor& index) {
  LossInput chosen{flat.context};
  chosen.action = flat.action.index_select(0, index);
  chosen.behaviour_log_prob = flat.behaviour_log_prob.index_select(0, index);
  for (const auto& [name, target] : flat.targets) {
    chosen.targets[name] = target.index_select(0, index);
  }
  if (flat.mask.defined()) chosen.mask = flat.mask.index_select(0, index);
  return chosen;
}

// What a loss sees of the model: `output` is of a BatchOutput or a Model::Output.
template <typename Output>
void SetOutput(const Output& output, int64_t steps, LossInput* input) {
  input->policy = output.policy.reshape({steps, output.policy.size(-1)});
  input->value = output.value.reshape(steps);
  if (output.action_value.defined()) {
    input->action_value = output.action_value.reshape({steps, output.action_value.size(-1)});
  }
}

}  // namespace

TrainStep::TrainStep(const Experiment& config, const Algorithm& algorithm, Model* model)
    : config_(config),
      algorithm_(algorithm),
      model_(model),
      normalizer_(model->norm()),
      kl_beta_(at::full({}, config.loss().kl().beta(), at::kDouble)) {
  for (const Phase& phase : algorithm.phases) {
    if (model->range(phase.group).size > 0) phases_.emplace_back(config, phase, model);
  }
  if (config.has_target_networks()) target_.emplace(config.target_networks(), *model);
}

LossContext TrainStep::Context(uint64_t trained_frames) const {
  return {config_, model_->distribution(), trained_frames, kl_beta_.item<double>()};
}

Statistics TrainStep::Run(const Batch& batch, uint64_t update, uint64_t trained_frames) {
  const LossContext context = Context(trained_frames);
  for (PhaseStepper& phase : phases_) phase.Begin(trained_frames);
  priority_.reset();
  if (algorithm_.phases.front().replay_loss == nullptr) {
    RunOnUnrolls(batch, context, update);
  } else {
    RunOnTransitions(batch, context, update);
  }
  if (target_) target_->Follow(update);
  AdaptCoefficients();
  return Means();
}

TrainStep::Gradient TrainStep::Differentiate(const Batch& batch, uint64_t trained_frames) {
  const LossContext context = Context(trained_frames);
  const at::Tensor& own = model_->parameters().gradient();
  Gradient gradient{at::zeros_like(own), {}};
  for (PhaseStepper& phase : phases_) {
    phase.Begin(trained_frames);
    const bool finite = phase.Differentiate([&] { return LossOf(phase.phase(), batch, context); });
    const Model::Range& range = phase.range();
    gradient.values.narrow(0, range.begin, range.size)
        .copy_(own.narrow(0, range.begin, range.size));
    if (!finite) gradient.values.fill_(std::numeric_limits<float>::quiet_NaN());
  }
  gradient.statistics = Means();
  gradient.statistics.erase("rate");
  return gradient;
}

Statistics TrainStep::Apply(const at::Tensor& gradient, uint64_t trained_frames) {
  for (PhaseStepper& phase : phases_) {
    phase.Begin(trained_frames);
    phase.Descend(gradient);
  }
  return {{"rate", phases_.front().rate()}};
}

void TrainStep::AdaptCoefficients() {
  const double target = config_.loss().kl().target();
  if (target <= 0) return;
  const double kl = phases_.front().EpochMean("kl");
  kl_beta_.fill_(AdaptKlPenalty(kl_beta_.item<double>(), kl, target));
}

Statistics TrainStep::Means() const {
  Statistics all;
  for (const PhaseStepper& phase : phases_) {
    const bool shared = phases_.size() > 1;  // names that every phase has
    for (const auto& [name, mean] : phase.Means()) {
      const bool own = name != "loss" && name != "gradient_norm";
      all[shared && !own ? absl::StrCat(phase.phase().name, "_", name) : name] = mean;
    }
    all["skipped"] += static_cast<double>(phase.skipped());
  }
  all["rate"] = phases_.front().rate();
  if (config_.loss().has_kl()) all["kl_beta"] = kl_beta_.item<double>();
  return all;
}

TrainStep::Seconds TrainStep::seconds() const {
  Seconds all;
  for (const PhaseStepper& phase : phases_) {
    all.forward_backward += phase.seconds().forward_backward;
    all.optimizer += phase.seconds().optimizer;
  }
  return all;
}

void TrainStep::RunOnUnrolls(const Batch& batch, const LossContext& context, uint64_t update) {
  const int64_t count = batch.steps() * batch.unrolls();
  const bool one_pass =
      config_.update().epochs() == 1 && static_cast<int64_t>(config_.update().minibatch()) >= count;
  for (PhaseStepper& phase : phases_) {
    if (one_pass) {
      RunOnce(&phase, batch, context);
    } else {
      RunEpochs(&phase, batch, context, update);
    }
  }
}

void TrainStep::RunOnTransitions(const Batch& batch, const LossContext& context, uint64_t update) {
  Transition step;
  phases_.front().Prepare([&] {
    step = UsesReplay(config_) ? MakeTransition(batch, config_.returns())
                               : EveryTransition(batch, config_.returns());
  });
  Noise noise(config_.seed(), update);
  const ReplayLossInput input{context, *model_, target_->model(), step, &noise, &priority_};
  for (PhaseStepper& phase : phases_) {
    const bool delayed = phase.phase().group == ParameterGroup::kPolicy &&
                         update % config_.update().policy_every() != 0;
    if (!delayed) phase.Step([&] { return phase.phase().replay_loss(input); });
  }
}

TensorMap TrainStep::Targets(const Phase& phase, const Batch& batch, const BatchOutput& output) {
  const at::Tensor policy = output.policy.detach();
  const Steps steps = MakeSteps(batch, output, config_.returns(), model_->norm());
  return phase.targets({config_, batch, steps, policy,
                        model_->distribution().LogProb(policy, batch.action), output.action_value});
}

BatchOutput TrainStep::ForwardOnly(const Batch& batch) const {
  const at::NoGradGuard no_grad;
  return ForwardBatch(*model_, batch);
}

// One forward pass serves the targets and the loss.
LossTerms TrainStep::LossOf(const Phase& phase, const Batch& batch, const LossContext& context) {
  const BatchOutput output = ForwardBatch(*model_, batch);
  LossInput input = Flatten(batch, Targets(phase, batch, output), context);
  SetOutput(output, batch.steps() * batch.unrolls(), &input);
  return phase.loss(input);
}

void TrainStep::RunOnce(PhaseStepper* phase, const Batch& batch, const LossContext& context) {
  phase->Step([&] { return LossOf(phase->phase(), batch, context); });
}

void TrainStep::RunEpochs(PhaseStepper* phase, const Batch& batch, const LossContext& context,
                          uint64_t update) {
  std::optional<LossInput> flat;
  phase->Prepare([&] {
    flat.emplace(Flatten(batch, Targets(phase->phase(), batch, ForwardOnly(batch)), context));
  });
  const at::Tensor observation = batch.observation.narrow(0, 0, batch.steps()).flatten(0, 1);
  // A minibatch is of single steps or, where there is a memory, of whole unrolls.
  const bool remembers = model_->state_elements() > 0;
  const int64_t whole = remembers ? batch.steps() : 1;
  const int64_t count = batch.steps() * batch.unrolls() / whole;
  const int64_t minibatch = static_cast<int64_t>(config_.update().minibatch()) / whole;
  for (uint64_t epoch = 0; epoch < config_.update().epochs(); ++epoch) {
    phase->BeginEpoch();
    const at::Tensor order =
        Shuffled(count, config_.seed(), update, epoch).to(observation.device());
    for (int64_t first = 0; first < count; first += minibatch) {
      const at::Tensor chosen = order.narrow(0, first, std::min(minibatch, count - first));
      const at::Tensor index = remembers ? StepsOf(chosen, batch) : chosen;
      const bool go_on = phase->Step([&] {
        LossInput input = Select(*flat, index);
        SetOutput(remembers ? ForwardUnrolls(*model_, batch, chosen)
                            : model_->Forward(observation.index_select(0, index)),
                  index.size(0), &input);
        return phase->phase().loss(input);
      });
      if (!go_on) return;
    }
  }
}

UpdateRule::NamedTensors TrainStep::State() const {
  UpdateRule::NamedTensors state;
  for (const PhaseStepper& phase : phases_) {
    for (auto& [name, tensor] : phase.State()) {
      state.emplace_back(absl::StrCat(phase.phase().name, ".", name), tensor);
    }
  }
  if (target_) state.emplace_back("target_networks", target_->values());
  if (config_.loss().has_kl()) state.emplace_back("kl_beta", kl_beta_);
  for (auto& tensor : normalizer_.State()) state.push_back(std::move(tensor));
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
