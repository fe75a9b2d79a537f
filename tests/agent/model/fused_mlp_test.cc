// The fused stack against the same one made of LibTorch's operations.

#include "agent/model/fused_mlp.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randn_like.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <vector>

namespace drover {
namespace {

struct Stack {
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> biases;
  Nonlinearity f;

  Stack(const std::vector<int64_t>& sizes, Nonlinearity f) : f(f) {
    for (size_t i = 0; i + 1 < sizes.size(); ++i) {
      const at::Tensor weight = at::randn({sizes[i + 1], sizes[i]}) / std::sqrt(sizes[i]);
      weights.push_back(weight.requires_grad_());
      biases.push_back(at::randn({sizes[i + 1]}).requires_grad_());
    }
  }

  at::Tensor Fused(const at::Tensor& x) const { return FusedMlp(x, weights, biases, f); }

  at::Tensor Plain(at::Tensor x) const {
    for (size_t i = 0; i < weights.size(); ++i) {
      x = at::linear(x, weights[i], biases[i]);
      if (f == Nonlinearity::kTanh) x = at::tanh(x);
      if (f == Nonlinearity::kRelu) x = at::relu(x);
    }
    return x;
  }

  // [N] whether a unit lies so near to ReLU's kink that rounding may decide its gradient.
  at::Tensor NearKink(at::Tensor x) const {
    at::Tensor near = at::zeros({x.size(0)}, at::kBool);
    for (size_t i = 0; i < weights.size(); ++i) {
      x = at::linear(x, weights[i], biases[i]);
      near = near | (x.abs() < 1e-3).any(1);
      x = at::relu(x);
    }
    return near;
  }

  std::vector<at::Tensor> parameters() const {
    std::vector<at::Tensor> all = weights;
    all.insert(all.end(), biases.begin(), biases.end());
    return all;
  }
};

void ExpectClose(const at::Tensor& actual, const at::Tensor& expected) {
  ASSERT_EQ(actual.sizes(), expected.sizes());
  const double scale = 1 + expected.abs().max().item<double>();
  EXPECT_LT((actual - expected).abs().max().item<double>(), 1e-5 * scale);
}

// Gradients of a weighted sum of `y` with respect to `inputs`.
std::vector<at::Tensor> Gradients(const at::Tensor& y, const std::vector<at::Tensor>& inputs,
                                  const at::Tensor& weight) {
  return torch::autograd::grad({y}, inputs, {weight});
}

class FusedMlpTest : public ::testing::TestWithParam<int64_t> {};
INSTANTIATE_TEST_SUITE_P(Rows, FusedMlpTest, ::testing::Values(1, 15, 16, 17, 640, 5000));

TEST_P(FusedMlpTest, IsTheStackOfLibTorchsOperations) {
  for (const Nonlinearity f : {Nonlinearity::kNone, Nonlinearity::kTanh, Nonlinearity::kRelu}) {
    const Stack stack({4, 33, 64, 5}, f);
    at::Tensor x = at::randn({GetParam(), 4});
    while (f == Nonlinearity::kRelu && stack.NearKink(x).any().item<bool>()) {
      x = at::where(stack.NearKink(x).unsqueeze(1), at::randn_like(x), x);
    }
    x.requires_grad_();
    const at::Tensor fused = stack.Fused(x);
    const at::Tensor plain = stack.Plain(x);
    ExpectClose(fused, plain);

    std::vector<at::Tensor> inputs = stack.parameters();
    inputs.push_back(x);
    const at::Tensor weight = at::randn_like(plain);
    const auto expected = Gradients(plain, inputs, weight);
    const auto actual = Gradients(fused, inputs, weight);
    for (size_t i = 0; i < inputs.size(); ++i) ExpectClose(actual[i], expected[i]);
  }
}

TEST_P(FusedMlpTest, StacksFollowEachOtherAndShareTheirInput) {
  const Stack torso({3, 20, 24}, Nonlinearity::kTanh);
  const Stack head({24, 2}, Nonlinearity::kNone);
  const Stack other({24, 1}, Nonlinearity::kNone);
  const at::Tensor x = at::randn({GetParam(), 3});
  const at::Tensor features = torso.Fused(x);
  const at::Tensor fused = head.Fused(features) * other.Fused(features);
  const at::Tensor plain_features = torso.Plain(x);
  const at::Tensor plain = head.Plain(plain_features) * other.Plain(plain_features);
  ExpectClose(fused, plain);
  const at::Tensor weight = at::randn_like(plain);
  const auto expected = Gradients(plain, torso.parameters(), weight);
  const auto actual = Gradients(fused, torso.parameters(), weight);
  for (size_t i = 0; i < expected.size(); ++i) ExpectClose(actual[i], expected[i]);
}

TEST(FusedMlpTest, ManyThreadsAndOneSayTheSame) {
  const Stack stack({4, 64, 64, 2}, Nonlinearity::kTanh);
  const at::Tensor x = at::randn({10000, 4});
  const auto run = [&](int threads) {
    at::set_num_threads(threads);
    const at::Tensor y = stack.Fused(x);
    std::vector<at::Tensor> all = Gradients(y, stack.parameters(), at::ones_like(y));
    all.push_back(y);
    return all;
  };
  const auto one = run(1);
  const auto two = run(2);
  for (size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(one[i].equal(two[i])) << i;
}

TEST(FusedMlpTest, TakesInputsAsTheyLie) {
  const Stack stack({6, 8}, Nonlinearity::kTanh);
  const at::Tensor wide = at::randn({10, 6, 7});
  ExpectClose(stack.Fused(wide.select(2, 3)), stack.Plain(wide.select(2, 3)));
  // Feature-major, as a stack's own output, but with strangers behind it.
  const at::Tensor columns = at::randn({6, 16});
  const at::Tensor x = columns.t().narrow(0, 2, 10);
  ExpectClose(stack.Fused(x), stack.Plain(x));
}

TEST(FusedMlpDeathTest, HasNoSecondDerivative) {
  const Stack stack({2, 3}, Nonlinearity::kTanh);
  const at::Tensor y = stack.Fused(at::randn({4, 2})).sum();
  EXPECT_DEATH(torch::autograd::grad({y}, {stack.weights[0]}, {}, true, /*create_graph=*/true),
               "no second derivative");
}

}  // namespace
}  // namespace drover
