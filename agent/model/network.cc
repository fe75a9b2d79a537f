#include "agent/model/network.h"

#include <cmath>

#include "agent/model/initialization.h"
#include "common/check.h"

namespace drover {
namespace {

constexpr auto kNoActivation = ModelConfig::Activation::unspecified;

std::string NormName(const std::string& torso, size_t i) {
  return torso + "." + std::to_string(i) + ".norm";
}

std::string MemoryName(const std::string& torso) { return torso + ".memory"; }

std::vector<int64_t> TorsoSizes(const ModelConfig& config, int64_t inputs) {
  std::vector<int64_t> sizes{inputs};
  sizes.insert(sizes.end(), config.layers().begin(), config.layers().end());
  return sizes;
}

}  // namespace

std::vector<ParameterSpec> Network::Specs(const ModelConfig& config, const Shape& shape,
                                          bool with_torso) {
  const std::vector<int64_t> sizes = TorsoSizes(config, shape.inputs);
  std::vector<ParameterSpec> specs;
  if (with_torso) specs = Mlp::Specs(shape.torso, sizes);
  for (size_t i = 0; with_torso && config.batch_norm() && i + 1 < sizes.size(); ++i) {
    Append(BatchNorm::Specs(NormName(shape.torso, i), sizes[i]), &specs);
  }
  int64_t features = sizes.back();
  if (config.has_recurrence()) {
    const Recurrence& memory = config.recurrence();
    if (with_torso) Append(RecurrentCore::Specs(memory, MemoryName(shape.torso), features), &specs);
    features = memory.size();
  }
  Append(Mlp::Specs(shape.head, {features, shape.outputs}), &specs);
  return specs;
}

Network::Network(const Parameters& parameters, const ModelConfig& config, const Shape& shape)
    : torso_(parameters, shape.torso, config.layers_size(), config.activation()),
      head_(parameters, shape.head, 1, kNoActivation) {
  for (int i = 0; config.batch_norm() && i < config.layers_size(); ++i) {
    norms_.emplace_back(parameters, NormName(shape.torso, i));
  }
  if (config.has_recurrence()) {
    memory_.emplace(parameters, config.recurrence(), MemoryName(shape.torso));
  }
}

Network Network::Frozen() const {
  Network frozen = *this;
  frozen.torso_ = torso_.Frozen();
  frozen.head_ = head_.Frozen();
  for (BatchNorm& norm : frozen.norms_) norm = norm.Frozen();
  return frozen;
}

at::Tensor Network::Features(const at::Tensor& x) const {
  if (norms_.empty()) return torso_.Forward(x);
  at::Tensor h = x;
  for (size_t i = 0; i < norms_.size(); ++i) h = torso_.ForwardLayer(i, norms_[i].Forward(h));
  return h;
}

at::Tensor Network::Forward(const at::Tensor& x) const {
  DROVER_CHECK(!memory_) << "it depends on what came before";
  return Head(Features(x));
}

void Network::InitializeOrthogonal(double gain, Random& random, bool with_torso) const {
  if (with_torso) {
    for (const at::Tensor& weight : torso_.weights())
      FillOrthogonal(std::sqrt(2.0), random, weight);
    if (memory_) memory_->Initialize(random);
  }
  for (const at::Tensor& weight : head_.weights()) FillOrthogonal(gain, random, weight);
}

void Network::InitializeUniform(Random& random) const {
  for (const BatchNorm& norm : norms_) norm.Initialize();
  for (const Mlp* mlp : {&torso_, &head_}) {
    for (size_t i = 0; i < mlp->weights().size(); ++i) {
      const double bound = 1 / std::sqrt(static_cast<double>(mlp->weights()[i].size(1)));
      FillUniform(bound, random, mlp->weights()[i]);
      FillUniform(bound, random, mlp->biases()[i]);
    }
  }
}

Tangent Network::Along(const at::Tensor& x, const at::Tensor& w) const {
  std::vector<at::Tensor> weights = torso_.weights();
  std::vector<at::Tensor> biases = torso_.biases();
  weights.insert(weights.end(), head_.weights().begin(), head_.weights().end());
  biases.insert(biases.end(), head_.biases().begin(), head_.biases().end());
  return StackTangent(weights, biases, torso_.nonlinearity(), x, w);
}

}  // namespace drover
