#include "agent/model/model.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/softmax.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "agent/distributions/make_distribution.h"
#include "common/check.h"
#include "common/random.h"

namespace drover {
namespace {

constexpr uint64_t kWeightsStream = 0x77656967;  // keeps these draws apart from others of the seed
constexpr double kPolicyHeadGain = 0.01;         // a first policy that is nearly uniform
constexpr char kLogTemperature[] = "log_temperature";
constexpr char kCompatible[] = "critic.compatible";

Network::Shape PolicyShape(const ModelConfig& config, const EnvironmentSpec& environment,
                           int64_t outputs) {
  return {config.shared() ? "torso" : "policy.torso", "policy.head",
          environment.observation.elements(), outputs};
}

Network::Shape ValueShape(const ModelConfig& config, const EnvironmentSpec& environment) {
  return {config.shared() ? "torso" : "value.torso", "value.head",
          environment.observation.elements(),
          config.action_values() ? environment.action.n : int64_t{1}};
}

Network::Shape CriticShape(const ModelConfig& config, const EnvironmentSpec& environment,
                           size_t i) {
  const std::string name = "critic" + std::to_string(i);
  return {name + ".torso", name + ".head",
          environment.observation.elements() + environment.action.elements(),
          std::max<int64_t>(1, config.critics().atoms())};
}

bool Compatible(const ModelConfig& config) {
  return config.critics().kind() == Critics::Kind::compatible;
}

bool HasValue(const ModelConfig& config) {
  return config.critics().count() == 0 || config.critics().value() || Compatible(config);
}

size_t CriticNetworks(const ModelConfig& config) {
  return Compatible(config) ? 0 : config.critics().count();
}

int64_t Elements(const std::vector<ParameterSpec>& specs) {
  int64_t elements = 0;
  for (const ParameterSpec& spec : specs) {
    elements +=
        std::accumulate(spec.shape.begin(), spec.shape.end(), int64_t{1}, std::multiplies<>());
  }
  return elements;
}

// What a memory, whose part of the state begins at `offset`, makes of a torso's features
// [T * N + K, F]: [T * N + K, H].
at::Tensor Remember(const RecurrentCore& memory, int64_t offset, const Model::Sequences& in,
                    const at::Tensor& features) {
  const int64_t steps = in.observation.size(0);
  const int64_t rows = steps * in.observation.size(1);
  const at::Tensor states =
      memory.Scan(features.narrow(0, 0, rows).view({steps, -1, features.size(1)}),
                  in.state.narrow(1, offset, memory.state_elements()), in.keep);
  const at::Tensor output = memory.Output(states).flatten(0, 1);
  const int64_t finals = features.size(0) - rows;
  if (finals == 0) return output;
  at::Tensor last;
  {
    const at::NoGradGuard no_grad;
    last = memory.Step(features.narrow(0, rows, finals),
                       states.flatten(0, 1).index_select(0, in.final_position));
  }
  return at::cat({output, memory.Output(last)});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> Model::Make(const ModelConfig& config,
                                                   const EnvironmentSpec& environment,
                                                   uint64_t seed, at::Device device) {
  auto distribution = MakeDistribution(environment.action, config);
  if (!distribution.ok()) return distribution.status();
  std::unique_ptr<Model> model(new Model(config, environment, *std::move(distribution), device));
  model->Initialize(seed);
  return model;
}

std::unique_ptr<Model> Model::Clone() const {
  auto clone = Make(config_, environment_, 0, parameters_.values().device());
  DROVER_CHECK(clone.ok()) << clone.status();  // this one was made of the same
  (*clone)->parameters_.values().copy_(parameters_.values());
  return *std::move(clone);
}

// What the policy reads comes first.
Model::Layout Model::MakeLayout(const ModelConfig& config, const EnvironmentSpec& environment,
                                int64_t policy_outputs) {
  Layout layout;
  layout.specs = Network::Specs(config, PolicyShape(config, environment, policy_outputs));
  const int64_t policy_elements = Elements(layout.specs);
  Append(RunningNorm::Specs(config.normalization(), environment.observation.elements()),
         &layout.specs);
  layout.value = layout.specs.size();
  if (HasValue(config)) {
    Append(Network::Specs(config, ValueShape(config, environment), !config.shared()),
           &layout.specs);
  }
  layout.critics = layout.specs.size();
  if (Compatible(config)) layout.specs.push_back({kCompatible, {policy_elements}});
  for (size_t i = 0; i < CriticNetworks(config); ++i) {
    Append(Network::Specs(config, CriticShape(config, environment, i)), &layout.specs);
  }
  layout.temperature = layout.specs.size();
  if (config.has_temperature()) layout.specs.push_back({kLogTemperature, {}});
  return layout;
}

Model::Model(const ModelConfig& config, const EnvironmentSpec& environment,
             std::unique_ptr<Distribution> distribution, at::Device device)
    : config_(config),
      environment_(environment),
      distribution_(std::move(distribution)),
      layout_(MakeLayout(config, environment, distribution_->parameter_count())),
      parameters_(layout_.specs, device),
      norm_(parameters_, config.normalization()),
      policy_(parameters_, config,
              PolicyShape(config, environment, distribution_->parameter_count())) {
  if (HasValue(config)) value_.emplace(parameters_, config, ValueShape(config, environment));
  for (size_t i = 0; i < CriticNetworks(config); ++i) {
    critics_.emplace_back(parameters_, config, CriticShape(config, environment, i));
    frozen_critics_.push_back(critics_.back().Frozen());
  }
}

void Model::Initialize(uint64_t seed) {
  Random random({seed, kWeightsStream});
  if (config_.critics().count() == 0) {
    policy_.InitializeOrthogonal(kPolicyHeadGain, random);
    value_->InitializeOrthogonal(1, random, !config_.shared());
  } else {
    policy_.InitializeUniform(random);
    if (value_) value_->InitializeUniform(random);
    for (const Network& critic : critics_) critic.InitializeUniform(random);
  }
  norm_.Initialize();
  const at::NoGradGuard no_grad;
  if (config_.has_temperature()) log_temperature().fill_(std::log(config_.temperature()));
}

at::Tensor Model::Input(const at::Tensor& observation) const {
  return norm_.Observations(observation.flatten(1));
}

Model::Output Model::Forward(const at::Tensor& observation) const {
  DROVER_CHECK(!config_.has_recurrence());
  const at::Tensor x = Input(observation);
  const at::Tensor features = policy_.Features(x);
  return Heads(features, config_.shared() ? features : value_->Features(x));
}

Model::Output Model::Forward(const Sequences& in) const {
  at::Tensor x = in.observation.flatten(0, 1);
  if (in.final_observation.defined()) x = at::cat({x, in.final_observation});
  x = Input(x);
  const RecurrentCore& memory = *policy_.memory();
  const at::Tensor features = Remember(memory, 0, in, policy_.Features(x));
  if (config_.shared()) return Heads(features, features);
  return Heads(features,
               Remember(*value_->memory(), memory.state_elements(), in, value_->Features(x)));
}

Model::Output Model::Heads(const at::Tensor& policy_features,
                           const at::Tensor& value_features) const {
  const at::Tensor value = value_->Head(value_features);
  Output output{policy_.Head(policy_features), {}, {}};
  if (config_.action_values()) {
    output.action_value = value;
    output.value = (at::softmax(output.policy, 1) * value).sum(1).detach();
  } else {
    output.value = value.squeeze(1);
  }
  return output;
}

at::Tensor Model::Policy(const at::Tensor& observation) const {
  return policy_.Forward(Input(observation));
}

at::Tensor Model::Policy(const at::Tensor& observation, at::Tensor* state) const {
  const at::Tensor x = Input(observation);
  const RecurrentCore& memory = *policy_.memory();
  const int64_t own = memory.state_elements();
  const at::Tensor next = memory.Step(policy_.Features(x), state->narrow(1, 0, own));
  if (config_.shared()) {
    *state = next;
  } else {
    const at::Tensor other = state->narrow(1, own, state->size(1) - own);
    *state = at::cat({next, value_->memory()->Step(value_->Features(x), other)}, 1);
  }
  return policy_.Head(memory.Output(next));
}

at::Tensor Model::Value(const at::Tensor& observation) const {
  return value_->Forward(Input(observation)).squeeze(1);
}

at::Tensor Model::Q(const Network& critic, const at::Tensor& observation,
                    const at::Tensor& action) const {
  const at::Tensor q = critic.Forward(at::cat({Input(observation), action.flatten(1)}, 1));
  return q.size(1) == 1 ? q.squeeze(1) : q;
}

at::Tensor Model::Q(size_t i, const at::Tensor& observation, const at::Tensor& action) const {
  return Q(critics_[i], observation, action);
}

at::Tensor Model::FrozenQ(size_t i, const at::Tensor& observation, const at::Tensor& action) const {
  return Q(frozen_critics_[i], observation, action);
}

Tangent Model::CompatibleTangent(const at::Tensor& observation) const {
  return TanhTangent(policy_.Along(Input(observation), parameters_.Get(kCompatible)));
}

at::Tensor Model::log_temperature() const { return parameters_.Get(kLogTemperature); }

Model::Range Model::range(ParameterGroup group) const {
  const auto between = [this](size_t first, size_t last) {
    const int64_t begin = parameters_.SizeOfFirst(first);
    return Range{begin, parameters_.SizeOfFirst(last) - begin};
  };
  switch (group) {
    case ParameterGroup::kPolicy:
      return between(0, layout_.value);
    case ParameterGroup::kValue:
      return between(layout_.value, layout_.critics);
    case ParameterGroup::kCritic:
      return between(layout_.critics, layout_.temperature);
    case ParameterGroup::kTemperature:
      return between(layout_.temperature, layout_.specs.size());
    case ParameterGroup::kAll:
      break;
  }
  return between(0, layout_.specs.size());
}

size_t Model::acting_specs() const {
  return config_.has_recurrence() && !config_.shared() ? layout_.critics : layout_.value;
}

at::Tensor Model::acting_parameters() const {
  return parameters_.values().narrow(0, 0, parameters_.SizeOfFirst(acting_specs()));
}

uint64_t Model::acting_layout_hash() const { return parameters_.LayoutHashOfFirst(acting_specs()); }

uint64_t Model::layout_hash() const { return parameters_.LayoutHashOfFirst(layout_.specs.size()); }

}  // namespace drover
