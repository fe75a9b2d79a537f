#include "agent/model/model.h"

#include <cmath>

#include "agent/model/heads.h"
#include "agent/model/initialization.h"
#include "common/random.h"

namespace drover {
namespace {

constexpr uint64_t kWeightsStream = 0x77656967;  // keeps these draws apart from others of the seed
constexpr double kPolicyHeadGain = 0.01;         // a first policy that is nearly uniform
constexpr auto kNoActivation = ModelConfig::Activation::unspecified;

const char* PolicyTorso(bool shared) { return shared ? "torso" : "policy.torso"; }
const char* ValueTorso(bool shared) { return shared ? "torso" : "value.torso"; }

std::vector<int64_t> TorsoSizes(const ModelConfig& config, int64_t inputs) {
  std::vector<int64_t> sizes{inputs};
  sizes.insert(sizes.end(), config.layers().begin(), config.layers().end());
  return sizes;
}

void Append(const std::vector<ParameterSpec>& more, std::vector<ParameterSpec>* specs) {
  specs->insert(specs->end(), more.begin(), more.end());
}

// What the policy reads comes first.
std::vector<ParameterSpec> ActingSpecs(const ModelConfig& config, int64_t inputs, int64_t actions) {
  const std::vector<int64_t> sizes = TorsoSizes(config, inputs);
  std::vector<ParameterSpec> specs = Mlp::Specs(PolicyTorso(config.shared()), sizes);
  Append(Mlp::Specs("policy.head", {sizes.back(), actions}), &specs);
  return specs;
}

std::vector<ParameterSpec> AllSpecs(const ModelConfig& config, int64_t inputs, int64_t actions) {
  const std::vector<int64_t> sizes = TorsoSizes(config, inputs);
  std::vector<ParameterSpec> specs = ActingSpecs(config, inputs, actions);
  if (!config.shared()) Append(Mlp::Specs(ValueTorso(false), sizes), &specs);
  Append(Mlp::Specs("value.head", {sizes.back(), 1}), &specs);
  return specs;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> Model::Make(const ModelConfig& config,
                                                   const EnvironmentSpec& environment,
                                                   uint64_t seed, at::Device device) {
  auto distribution = MakePolicyHead(environment.action);
  if (!distribution.ok()) return distribution.status();
  std::unique_ptr<Model> model(
      new Model(config, environment.observation.elements(), *std::move(distribution), device));
  model->Initialize(seed);
  return model;
}

Model::Model(const ModelConfig& config, int64_t inputs, std::unique_ptr<Distribution> distribution,
             at::Device device)
    : distribution_(std::move(distribution)),
      parameters_(AllSpecs(config, inputs, distribution_->parameter_count()), device),
      acting_count_(ActingSpecs(config, inputs, distribution_->parameter_count()).size()),
      policy_torso_(parameters_, PolicyTorso(config.shared()), config.layers_size(),
                    config.activation()),
      policy_head_(parameters_, "policy.head", 1, kNoActivation),
      value_torso_(parameters_, ValueTorso(config.shared()), config.layers_size(),
                   config.activation()),
      value_head_(parameters_, "value.head", 1, kNoActivation),
      shared_(config.shared()) {}

void Model::Initialize(uint64_t seed) {
  Random random({seed, kWeightsStream});
  const auto fill = [&random](const Mlp& mlp, double gain) {
    for (const at::Tensor& weight : mlp.weights()) FillOrthogonal(gain, random, weight);
  };
  fill(policy_torso_, std::sqrt(2.0));
  fill(policy_head_, kPolicyHeadGain);
  if (!shared_) fill(value_torso_, std::sqrt(2.0));
  fill(value_head_, 1);
}

Model::Output Model::Forward(const at::Tensor& observation) const {
  const at::Tensor x = observation.flatten(1);
  const at::Tensor features = policy_torso_.Forward(x);
  const at::Tensor value_features = shared_ ? features : value_torso_.Forward(x);
  return {policy_head_.Forward(features), value_head_.Forward(value_features).squeeze(1)};
}

at::Tensor Model::Policy(const at::Tensor& observation) const {
  return policy_head_.Forward(policy_torso_.Forward(observation.flatten(1)));
}

at::Tensor Model::acting_parameters() const {
  return parameters_.values().narrow(0, 0, parameters_.SizeOfFirst(acting_count_));
}

uint64_t Model::acting_layout_hash() const { return parameters_.LayoutHashOfFirst(acting_count_); }

}  // namespace drover
