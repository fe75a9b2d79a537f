// One step of Adam with the parameters of two 2 × 64 networks: as one flat group with LibTorch's
// fused operation, as the twelve tensors that they are, and by operations one after the other.

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "agent/update/update_rule.h"

namespace drover {
namespace {

constexpr double kRate = 1e-3;

Update Config() {
  Update config;
  config.mutable_adam()->set_beta1(0.9);
  config.mutable_adam()->set_beta2(0.999);
  config.mutable_adam()->set_epsilon(1e-8);
  return config;
}

std::vector<std::vector<int64_t>> Shapes() {
  std::vector<std::vector<int64_t>> shapes;
  for (const int64_t outputs : {2, 1}) {
    for (const auto& shape : std::vector<std::vector<int64_t>>{
             {64, 4}, {64}, {64, 64}, {64}, {outputs, 64}, {outputs}}) {
      shapes.push_back(shape);
    }
  }
  return shapes;
}

// A group of tensors, its gradients and Adam's state.
struct Group {
  std::vector<at::Tensor> values, gradients, m, v, steps;

  void Add(const std::vector<int64_t>& shape) {
    values.push_back(at::randn(shape));
    gradients.push_back(at::randn(shape));
    m.push_back(at::zeros_like(values.back()));
    v.push_back(at::zeros_like(values.back()));
    steps.push_back(at::zeros({}));
  }
};

Group Tensors() {
  Group group;
  for (const auto& shape : Shapes()) group.Add(shape);
  return group;
}

void Flat(benchmark::State& state) {
  at::set_num_threads(1);
  int64_t size = 0;
  for (const at::Tensor& value : Tensors().values) size += value.numel();
  const at::Tensor values = at::randn({size});
  const at::Tensor gradient = at::randn({size});
  const Update config = Config();
  const std::unique_ptr<UpdateRule> rule = MakeUpdateRule(config, values);
  for (auto unused : state) rule->Apply(values, gradient, kRate);
}
BENCHMARK(Flat);

void TwelveTensors(benchmark::State& state) {
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  const Group g = Tensors();
  for (auto unused : state) {
    for (const at::Tensor& step : g.steps) step.add_(1);
    at::_fused_adam_(g.values, g.gradients, g.m, g.v, {}, g.steps, kRate, 0.9, 0.999, 0, 1e-8,
                     /*amsgrad=*/false, /*maximize=*/false);
  }
}
BENCHMARK(TwelveTensors);

void TwelveTensorsByOperations(benchmark::State& state) {
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  const Group g = Tensors();
  for (auto unused : state) {
    for (size_t i = 0; i < g.values.size(); ++i) {
      g.m[i].mul_(0.9).add_(g.gradients[i], 0.1);
      g.v[i].mul_(0.999).addcmul_(g.gradients[i], g.gradients[i], 0.001);
      g.values[i].addcdiv_(g.m[i], g.v[i].sqrt().add_(1e-8), -kRate);
    }
  }
}
BENCHMARK(TwelveTensorsByOperations);

}  // namespace
}  // namespace drover
