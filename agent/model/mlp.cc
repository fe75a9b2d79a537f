#include "agent/model/mlp.h"

#include <ATen/ops/linear.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tanh.h>

#include "agent/model/fused_mlp.h"

namespace drover {
namespace {

std::string Layer(const std::string& name, size_t i) { return name + "." + std::to_string(i); }

}  // namespace

std::vector<ParameterSpec> Mlp::Specs(const std::string& name, const std::vector<int64_t>& sizes) {
  std::vector<ParameterSpec> specs;
  for (size_t i = 0; i + 1 < sizes.size(); ++i) {
    specs.push_back({Layer(name, i) + ".weight", {sizes[i + 1], sizes[i]}});
    specs.push_back({Layer(name, i) + ".bias", {sizes[i + 1]}});
  }
  return specs;
}

Mlp::Mlp(const Parameters& parameters, const std::string& name, size_t layers,
         ModelConfig::Activation::Kind activation)
    : activation_(activation) {
  for (size_t i = 0; i < layers; ++i) {
    weights_.push_back(parameters.Get(Layer(name, i) + ".weight"));
    biases_.push_back(parameters.Get(Layer(name, i) + ".bias"));
  }
}

Mlp Mlp::Frozen() const {
  Mlp frozen = *this;
  for (at::Tensor& weight : frozen.weights_) weight = weight.detach();
  for (at::Tensor& bias : frozen.biases_) bias = bias.detach();
  return frozen;
}

Nonlinearity Mlp::nonlinearity() const {
  switch (activation_) {
    case ModelConfig::Activation::tanh:
      return Nonlinearity::kTanh;
    case ModelConfig::Activation::relu:
      return Nonlinearity::kRelu;
    default:
      return Nonlinearity::kNone;
  }
}

at::Tensor Mlp::Forward(at::Tensor x) const {
  if (x.is_cpu()) return FusedMlp(x, weights_, biases_, nonlinearity());
  for (size_t i = 0; i < weights_.size(); ++i) x = ForwardLayer(i, x);
  return x;
}

at::Tensor Mlp::ForwardLayer(size_t i, const at::Tensor& x) const {
  if (x.is_cpu()) return FusedMlp(x, {weights_[i]}, {biases_[i]}, nonlinearity());
  const at::Tensor y = at::linear(x, weights_[i], biases_[i]);
  if (activation_ == ModelConfig::Activation::tanh) return at::tanh(y);
  return activation_ == ModelConfig::Activation::relu ? at::relu(y) : y;
}

}  // namespace drover
