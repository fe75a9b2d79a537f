#include "agent/model/running_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

Normalization Config(bool observations, bool returns) {
  Normalization config;
  config.set_observations(observations);
  config.set_returns(returns);
  config.set_clip(3);
  return config;
}

TEST(RunningNormTest, NormalisesAndClips) {
  const Parameters parameters(RunningNorm::Specs(Config(true, true), 2), at::kCPU);
  const RunningNorm norm(parameters, Config(true, true));
  EXPECT_EQ(norm.observations(), 2);
  EXPECT_EQ(norm.returns(), 1);
  norm.Initialize();
  const at::Tensor x = at::tensor({1.0F, 2.0F, -5.0F, 50.0F}).view({2, 2});
  EXPECT_TRUE(norm.Observations(x).equal(at::tensor({1.0F, 2.0F, -3.0F, 3.0F}).view({2, 2})));
  EXPECT_TRUE(norm.Rewards(x).equal(at::tensor({1.0F, 2.0F, -3.0F, 3.0F}).view({2, 2})));

  norm.SetObservations(at::tensor({-1.0, 10.0}, at::kDouble), at::tensor({4.0, 8.0}, at::kDouble));
  norm.SetReturns(at::tensor({2.0}, at::kDouble));
  EXPECT_TRUE(norm.Observations(x).equal(at::tensor({0.5F, -1.0F, -1.0F, 3.0F}).view({2, 2})));
  EXPECT_TRUE(norm.Rewards(x).equal(at::tensor({0.5F, 1.0F, -2.5F, 3.0F}).view({2, 2})));
  // They are the parameters: what writes those changes it, without gradients.
  parameters.values().copy_(at::tensor({0.0F, 0.0F, 1.0F, 1.0F, 1.0F}));
  EXPECT_TRUE(norm.Observations(at::tensor({1.0F, 2.0F})).equal(at::tensor({1.0F, 2.0F})));
  EXPECT_FALSE(norm.Observations(x).requires_grad());
}

TEST(RunningNormTest, LeavesWhatTheConfigDoesNotWant) {
  const Parameters parameters(RunningNorm::Specs(Config(false, false), 2), at::kCPU);
  EXPECT_EQ(parameters.values().numel(), 0);
  const RunningNorm norm(parameters, Config(false, false));
  norm.Initialize();
  const at::Tensor x = at::tensor({1.0F, 50.0F});
  EXPECT_TRUE(norm.Observations(x).is_same(x));
  EXPECT_TRUE(norm.Rewards(x).is_same(x));
}

}  // namespace
}  // namespace drover
