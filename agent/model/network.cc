#include "agent/model/network.h"

#include <cmath>

#include "agent/model/initialization.h"

namespace drover {
namespace {

constexpr auto kNoActivation = ModelConfig::Activation::unspecified;

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
  for (ParameterSpec& spec : Mlp::Specs(shape.head, {sizes.back(), shape.outputs})) {
    specs.push_back(std::move(spec));
  }
  return specs;
}

Network::Network(const Parameters& parameters, const ModelConfig& config, const Shape& shape)
    : torso_(parameters, shape.torso, config.layers_size(), config.activation()),
      head_(parameters, shape.head, 1, kNoActivation) {}

void Network::InitializeOrthogonal(double gain, Random& random, bool with_torso) const {
  if (with_torso) {
    for (const at::Tensor& weight : torso_.weights())
      FillOrthogonal(std::sqrt(2.0), random, weight);
  }
  for (const at::Tensor& weight : head_.weights()) FillOrthogonal(gain, random, weight);
}

void Network::InitializeUniform(Random& random) const {
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
