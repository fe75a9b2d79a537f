#include "agent/forward.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace drover
