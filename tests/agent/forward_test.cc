#include "agent/forward.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

namespace drover {
namespace {

TEST(ForwardBatchTest, NextValueIsThatOfTheTrueSuccessor) {
  constexpr int64_t kSteps = 3;
  constexpr int64_t kUnrolls = 2;
  EnvironmentSpec task;
  task.observation = Space::Box({4}, -1, 1);
  task.action = Space::Discrete(2);
  ModelConfig config;
  config.add_layers(8);
  const auto model = *Model::Make(config, task, 1);

  Batch batch;
  batch.observation = at::randn({kSteps + 1, kUnrolls, 4});
  batch.reward = at::zeros({kSteps, kUnrolls});
  batch.final_observation = at::randn({1, 4});
  batch.final_position = at::tensor({1 * kUnrolls + 1}, at::kLong);  // step 1 of unroll 1

  const BatchOutput output = ForwardBatch(*model, batch);
  EXPECT_EQ(output.policy.sizes(), (std::vector<int64_t>{kSteps, kUnrolls, 2}));
  EXPECT_TRUE(output.value.requires_grad());
  EXPECT_FALSE(output.next_value.requires_grad());

  const at::NoGradGuard no_grad;
  at::Tensor expected = model->Forward(batch.observation.flatten(0, 1)).value.view({-1, kUnrolls});
  EXPECT_TRUE(output.value.allclose(expected.narrow(0, 0, kSteps)));
  expected = expected.narrow(0, 1, kSteps).clone();
  EXPECT_FALSE(output.next_value.allclose(expected));
  expected[1][1] = model->Forward(batch.final_observation).value[0];
  EXPECT_TRUE(output.next_value.allclose(expected));
}

constexpr int64_t kActions = 3;

class MemoryTest : public ::testing::TestWithParam<bool> {
 protected:
  static constexpr int64_t kSteps = 6;
  static constexpr int64_t kUnrolls = 3;

  MemoryTest() {
    EnvironmentSpec task;
    task.observation = Space::Box({4}, -1, 1);
    task.action = Space::Discrete(kActions);
    ModelConfig config;
    config.add_layers(8);
    config.set_shared(GetParam());
    config.mutable_recurrence()->set_size(5);
    model_ = *Model::Make(config, task, 1);
    model_->parameters().values().mul_(4);  // so that what it remembers matters
    batch_.observation = at::randn({kSteps + 1, kUnrolls, 4});
    batch_.state = at::randn({kUnrolls, model_->state_elements()});
    batch_.reward = at::zeros({kSteps, kUnrolls});
    batch_.end = at::zeros({kSteps, kUnrolls}, at::kByte);
    batch_.end[2][0] = static_cast<int64_t>(End::kTerminated);
    batch_.end[3][1] = static_cast<int64_t>(End::kTruncated);
    batch_.end[kSteps - 1][2] = static_cast<int64_t>(End::kTruncated);
    batch_.final_observation = at::randn({2, 4});
    batch_.final_position = at::tensor({3 * kUnrolls + 1, (kSteps - 1) * kUnrolls + 2}, at::kLong);
  }

  // V of one observation, with a memory that it leaves as it is.
  double Value(const at::Tensor& observation, const at::Tensor& state) const {
    const at::Tensor row = observation.view({1, 1, 4});
    return model_->Forward({row, state.unsqueeze(0), at::ones({1, 1}), {}, {}})
        .value.item<double>();
  }

  std::unique_ptr<Model> model_;
  Batch batch_;
};
INSTANTIATE_TEST_SUITE_P(Torso, MemoryTest, ::testing::Bool());

TEST_P(MemoryTest, AnUnrollIsWhatActingOneStepAfterAnotherIs) {
  const at::NoGradGuard no_grad;
  const BatchOutput output = ForwardBatch(*model_, batch_);
  at::Tensor state = batch_.state.clone();
  for (int64_t t = 0; t < kSteps; ++t) {
    at::Tensor next = state.clone();
    EXPECT_TRUE(
        output.policy[t].allclose(model_->Policy(batch_.observation[t], &next), 1e-4, 1e-5));
    const at::Tensor after = next.clone();
    next.mul_((batch_.end[t] == 0).unsqueeze(1));  // empty where an episode ended
    for (int64_t b = 0; b < kUnrolls; ++b) {
      EXPECT_NEAR(output.value[t][b].item<double>(), Value(batch_.observation[t][b], state[b]),
                  1e-5);
      double expected = Value(batch_.observation[t + 1][b], next[b]);
      for (int64_t k = 0; k < 2; ++k) {
        if (batch_.final_position[k].item<int64_t>() != t * kUnrolls + b) continue;
        expected = Value(batch_.final_observation[k], after[b]);
        EXPECT_GT(std::abs(expected - Value(batch_.final_observation[k], next[b])), 1e-3);
      }
      EXPECT_NEAR(output.next_value[t][b].item<double>(), expected, 1e-5) << t << " " << b;
    }
    state = next;
  }
}

TEST_P(MemoryTest, SomeUnrollsAreTheirColumnsOfAll) {
  const at::NoGradGuard no_grad;
  const BatchOutput all = ForwardBatch(*model_, batch_);
  const at::Tensor columns = at::tensor({2, 0}, at::kLong);
  const Model::Output some = ForwardUnrolls(*model_, batch_, columns);
  EXPECT_TRUE(
      some.policy.view({kSteps, 2, kActions}).allclose(all.policy.index_select(1, columns)));
  EXPECT_TRUE(some.value.view({kSteps, 2}).allclose(all.value.index_select(1, columns)));
}

TEST_P(MemoryTest, TwoUnrollsAreOneLongOne) {
  const at::NoGradGuard no_grad;
  const BatchOutput whole = ForwardBatch(*model_, batch_);
  const auto half = [&](int64_t first, const at::Tensor& state) {
    Batch part;
    part.observation = batch_.observation.narrow(0, first, 4);
    part.reward = batch_.reward.narrow(0, first, 3);
    part.end = batch_.end.narrow(0, first, 3);
    part.state = state;
    part.final_observation = batch_.final_observation.narrow(0, 0, 0);
    part.final_position = batch_.final_position.narrow(0, 0, 0);
    return part;
  };
  at::Tensor state = batch_.state;
  for (int64_t t = 0; t < 3; ++t) {
    model_->Policy(batch_.observation[t], &state);
    state = state * (batch_.end[t] == 0).unsqueeze(1);
  }
  const BatchOutput second = ForwardBatch(*model_, half(3, state));
  EXPECT_TRUE(second.policy.allclose(whole.policy.narrow(0, 3, 3), 1e-4, 1e-5));
  EXPECT_TRUE(second.value.allclose(whole.value.narrow(0, 3, 3), 1e-4, 1e-5));
  EXPECT_FALSE(ForwardBatch(*model_, half(3, at::zeros_like(state)))
                   .policy.allclose(whole.policy.narrow(0, 3, 3), 1e-4, 1e-5));
}

}  // namespace
}  // namespace drover
