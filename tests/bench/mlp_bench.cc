// A policy's 2 × 64 stack on N observations: fused, and made of LibTorch's operations. Items are
// observations.

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tanh.h>
#include <benchmark/benchmark.h>

#include <vector>

#include "agent/model/fused_mlp.h"

namespace drover {
namespace {

struct Stack {
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> biases;

  Stack() {
    const std::vector<int64_t> sizes = {4, 64, 64};
    for (size_t i = 0; i + 1 < sizes.size(); ++i) {
      weights.push_back((at::randn({sizes[i + 1], sizes[i]}) * 0.1).requires_grad_());
      biases.push_back(at::randn({sizes[i + 1]}).requires_grad_());
    }
  }
  at::Tensor Fused(const at::Tensor& x) const {
    return FusedMlp(x, weights, biases, Nonlinearity::kTanh);
  }
  at::Tensor Plain(at::Tensor x) const {
    for (size_t i = 0; i < weights.size(); ++i) x = at::tanh(at::linear(x, weights[i], biases[i]));
    return x;
  }
};

template <typename Apply>
void Forward(benchmark::State& state, const Apply& apply) {
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  const Stack stack;
  const at::Tensor x = at::randn({state.range(0), 4});
  for (auto unused : state) benchmark::DoNotOptimize(apply(stack, x));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <typename Apply>
void ForwardBackward(benchmark::State& state, const Apply& apply) {
  at::set_num_threads(1);
  const Stack stack;
  const at::Tensor x = at::randn({state.range(0), 4});
  for (auto unused : state) apply(stack, x).sum().backward();
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

const auto kFused = [](const Stack& stack, const at::Tensor& x) { return stack.Fused(x); };
const auto kPlain = [](const Stack& stack, const at::Tensor& x) { return stack.Plain(x); };

BENCHMARK_CAPTURE(Forward, fused, kFused)->Arg(32)->Arg(256);
BENCHMARK_CAPTURE(Forward, plain, kPlain)->Arg(32)->Arg(256);
BENCHMARK_CAPTURE(ForwardBackward, fused, kFused)->Arg(640)->Arg(10240);
BENCHMARK_CAPTURE(ForwardBackward, plain, kPlain)->Arg(640)->Arg(10240);

}  // namespace
}  // namespace drover
