#include "agent/losses/compatible_critic.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_lstsq.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "agent/losses/policy_losses.h"

namespace drover {
namespace {

// μ(x) = tanh(W₂ tanh(W₁ x + b₁) + b₂), in float64.
struct Policy {
  Policy(int64_t in, int64_t hidden, int64_t out) {
    for (const auto& [rows, columns] : {std::pair{hidden, in}, std::pair{out, hidden}}) {
      const double bound =
          1 / std::sqrt(static_cast<double>(columns));  // away from tanh's flat ends
      weights.push_back((at::randn({rows, columns}, at::kDouble) * bound).set_requires_grad(true));
      biases.push_back(at::zeros({rows}, at::kDouble).set_requires_grad(true));
    }
  }

  int64_t parameters() const {
    int64_t count = 0;
    for (size_t i = 0; i < 2; ++i) count += weights[i].numel() + biases[i].numel();
    return count;
  }
  at::Tensor operator()(const at::Tensor& x) const {
    const at::Tensor hidden = at::tanh(at::linear(x, weights[0], biases[0]));
    return at::tanh(at::linear(hidden, weights[1], biases[1]));
  }
  Tangent Along(const at::Tensor& x, const at::Tensor& w) const {
    return TanhTangent(StackTangent(weights, biases, Nonlinearity::kTanh, x, w));
  }
  // The gradients since the last call, [P].
  at::Tensor TakeGradient() const {
    std::vector<at::Tensor> parts;
    for (size_t i = 0; i < 2; ++i) {
      for (const at::Tensor& part : {weights[i], biases[i]}) {
        parts.push_back(part.grad().flatten().clone());
        part.mutable_grad().zero_();
      }
    }
    return at::cat(parts);
  }
  void Move(const at::Tensor& step) const {
    const at::NoGradGuard no_grad;
    int64_t offset = 0;
    for (size_t i = 0; i < 2; ++i) {
      for (const at::Tensor& part : {weights[i], biases[i]}) {
        part.add_(step.narrow(0, offset, part.numel()).view(part.sizes()));
        offset += part.numel();
      }
    }
  }

  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> biases;
};

TEST(TangentTest, IsTheDerivativeAlongTheDirection) {
  const Policy policy(3, 5, 2);
  const at::Tensor x = at::randn({7, 3}, at::kDouble);
  const at::Tensor w = at::randn({policy.parameters()}, at::kDouble);
  const Tangent tangent = policy.Along(x, w);
  EXPECT_TRUE(tangent.value.allclose(policy(x)));
  constexpr double kStep = 1e-5;
  policy.Move(w * kStep);
  const at::Tensor after = policy(x).detach();
  policy.Move(w * (-2 * kStep));
  const at::Tensor before = policy(x).detach();
  EXPECT_TRUE(tangent.along.allclose((after - before) / (2 * kStep), 1e-6, 1e-8));
}

TEST(TangentTest, GoesThroughReluAsWell) {
  const std::vector<at::Tensor> weights{at::tensor({1.0, -1.0}, at::kDouble).view({2, 1}),
                                        at::tensor({2.0, 3.0}, at::kDouble).view({1, 2})};
  const std::vector<at::Tensor> biases{at::zeros({2}, at::kDouble), at::zeros({1}, at::kDouble)};
  const at::Tensor x = at::tensor({5.0}, at::kDouble).view({1, 1});
  // dW₁ = (1, 7), db₁ = 0, dW₂ = (1, 1), db₂ = 0.5: 2 · 5 + 1 · 5 + 0.5 of the first hidden unit,
  // nothing of the second, which is below 0.
  const at::Tensor w = at::tensor({1.0, 7.0, 0.0, 0.0, 1.0, 1.0, 0.5}, at::kDouble);
  const Tangent tangent = StackTangent(weights, biases, Nonlinearity::kRelu, x, w);
  EXPECT_EQ(tangent.value.item<double>(), 10);
  EXPECT_EQ(tangent.along.item<double>(), 15.5);
}

// The compatible features of one state [P]: by w its advantage has them as gradient.
at::Tensor Features(const Policy& policy, const at::Tensor& x, const at::Tensor& action) {
  const at::Tensor w = at::zeros({policy.parameters()}, at::kDouble).set_requires_grad(true);
  CompatibleAdvantage(policy.Along(x, w), action).sum().backward();
  return w.grad();
}

// Theorem 3: with the w of least squares on actions around μ the mean gradient is ∇J. Q is
// −|a − c|², so that J(θ) = −|μ(x) − c|² and its gradient is known.
TEST(CompatibleCriticTest, ItsMeanGradientIsTheExactOne) {
  const Policy policy(1, 4, 2);
  const at::Tensor x = at::full({1, 1}, 0.7, at::kDouble);
  const at::Tensor centre = at::tensor({0.3, -0.2}, at::kDouble);
  (-(policy(x) - centre).square().sum()).backward();
  const at::Tensor exact = policy.TakeGradient();

  const at::Tensor mean = policy(x).detach();
  std::vector<at::Tensor> features;
  std::vector<at::Tensor> advantages;
  const at::Tensor base = -(mean - centre).square().sum();
  for (int i = 0; i < 200; ++i) {
    const at::Tensor noise = at::randn({1, 2}, at::kDouble) * 0.1;
    for (const at::Tensor& action : {mean + noise, mean - noise}) {  // symmetric: exact at once
      features.push_back(Features(policy, x, action));
      advantages.push_back(-(action - centre).square().sum() - base);
    }
  }
  const at::Tensor w =
      std::get<0>(at::linalg_lstsq(at::stack(features), at::stack(advantages).unsqueeze(1),
                                   std::nullopt, "gelsd"))
          .squeeze(1);
  CompatiblePolicyLoss(policy.Along(x, w), policy(x)).sum().backward();
  EXPECT_TRUE((-policy.TakeGradient()).allclose(exact, 1e-6, 1e-9));
}

// What a bandit of ten numbers with reward −|a − c|² loses to its optimum, 0, as a share of what an
// action of 0 loses. w and a baseline learn from noisy actions, the policy from w.
double LeftOfABandit() {
  const Policy policy(1, 8, 10);
  const at::Tensor x = at::full({64, 1}, 1.0, at::kDouble);
  const at::Tensor centre = at::randn({10}, at::kDouble).tanh() * 0.9;
  const at::Tensor w = at::zeros({policy.parameters()}, at::kDouble).set_requires_grad(true);
  const at::Tensor baseline = at::zeros({}, at::kDouble).set_requires_grad(true);
  for (int i = 0; i < 2000; ++i) {
    const Tangent tangent = policy.Along(x, w);
    const at::Tensor action = tangent.value + at::randn({64, 10}, at::kDouble) * 0.3;
    const at::Tensor reward = -(action - centre).square().sum(1);
    ValueLoss(CompatibleAdvantage(tangent, action) + baseline, reward).mean().backward();
    CompatiblePolicyLoss(tangent, policy(x)).mean().backward();
    policy.Move(policy.TakeGradient() * -0.01);
    const at::NoGradGuard no_grad;
    for (const at::Tensor& learnt : {w, baseline}) {
      learnt.sub_(learnt.grad() * 0.05);
      learnt.mutable_grad().zero_();
    }
  }
  return ((policy(x)[0] - centre).square().sum() / centre.square().sum()).item<double>();
}

TEST(CompatibleCriticTest, LearnsABandit) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    at::manual_seed(seed);
    EXPECT_LT(LeftOfABandit(), 0.1) << seed;
  }
}

}  // namespace
}  // namespace drover
