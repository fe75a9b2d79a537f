#include "agent/model/model.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/linalg_svdvals.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <gtest/gtest.h>

#include <cmath>

namespace drover {
namespace {

EnvironmentSpec Task() {
  EnvironmentSpec spec;
  spec.observation = Space::Box({2, 3}, -1, 1);
  spec.action = Space::Discrete(4);
  return spec;
}

ModelConfig Config(bool shared) {
  ModelConfig config;
  config.add_layers(16);
  config.add_layers(8);
  config.set_activation(ModelConfig::Activation::tanh);
  config.set_shared(shared);
  return config;
}

std::unique_ptr<Model> Make(bool shared, uint64_t seed = 1) {
  return *Model::Make(Config(shared), Task(), seed);
}

class ModelTest : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Torso, ModelTest, ::testing::Bool());

TEST_P(ModelTest, ForwardHasAPolicyAndAValueForEachRow) {
  const auto model = Make(GetParam());
  const at::Tensor x = at::randn({5, 2, 3});
  const Model::Output output = model->Forward(x);
  EXPECT_EQ(output.policy.sizes(), (std::vector<int64_t>{5, 4}));
  EXPECT_EQ(output.value.sizes(), (std::vector<int64_t>{5}));
  EXPECT_TRUE(output.policy.equal(model->Policy(x)));
}

TEST_P(ModelTest, FirstPolicyIsWithinOnePercentOfUniform) {
  const at::NoGradGuard no_grad;
  const at::Tensor p = at::softmax(Make(GetParam())->Policy(at::randn({256, 2, 3})), 1);
  EXPECT_LT((p - 0.25).abs().mean().item<double>(), 0.0025);
}

TEST_P(ModelTest, WeightsAreOrthogonalWithTheGainOfTheirPlace) {
  for (const auto& [name, value] : Make(GetParam())->parameters().Named()) {
    if (name.find("weight") == std::string::npos) {
      EXPECT_EQ(value.abs().sum().item<double>(), 0) << name;
      continue;
    }
    double gain = std::sqrt(2.0);
    if (name == "policy.head.0.weight") gain = 0.01;
    if (name == "value.head.0.weight") gain = 1;
    EXPECT_LT((at::linalg_svdvals(value) - gain).abs().max().item<double>(), 1e-5) << name;
  }
}

TEST_P(ModelTest, BackwardAddsIntoTheFlatGradient) {
  const auto model = Make(GetParam());
  const Model::Output output = model->Forward(at::randn({5, 2, 3}));
  (output.policy.square().sum() + output.value.sum()).backward();
  const at::Tensor once = model->parameters().gradient().clone();
  EXPECT_GT(once.abs().sum().item<double>(), 0);
  int64_t offset = 0;
  for (const auto& [name, value] : model->parameters().Named()) {
    const at::Tensor part = once.narrow(0, offset, value.numel()).view(value.sizes());
    EXPECT_TRUE(part.equal(model->parameters().Get(name).grad())) << name;
    offset += value.numel();
  }
  EXPECT_EQ(offset, once.numel());
}

TEST_P(ModelTest, ActingParametersAreAllThatThePolicyReads) {
  const auto model = Make(GetParam(), 1);
  const auto other = Make(GetParam(), 2);
  const at::NoGradGuard no_grad;
  const at::Tensor x = at::randn({5, 2, 3});
  EXPECT_FALSE(model->Policy(x).equal(other->Policy(x)));
  const at::Tensor value = other->Forward(x).value;
  other->acting_parameters().copy_(model->acting_parameters());
  EXPECT_TRUE(model->Policy(x).equal(other->Policy(x)));
  // A separate value network stays as it was; on a shared torso it moves along.
  EXPECT_EQ(other->Forward(x).value.equal(value), !GetParam());
}

TEST_P(ModelTest, SameSeedSameWeights) {
  const at::Tensor first = Make(GetParam(), 3)->parameters().values();
  EXPECT_TRUE(first.equal(Make(GetParam(), 3)->parameters().values()));
  EXPECT_FALSE(first.equal(Make(GetParam(), 4)->parameters().values()));
}

// By what was seen, which the acting parameters have; and no gradient moves that.
TEST_P(ModelTest, ObservationsAreNormalisedFirst) {
  ModelConfig config = Config(GetParam());
  config.mutable_normalization()->set_observations(true);
  config.mutable_normalization()->set_clip(2);
  const auto model = *Model::Make(config, Task(), 1);
  const auto plain = Make(GetParam());
  const at::Tensor x = at::randn({5, 2, 3}) * 4;
  const at::Tensor clipped = x.clamp(-2, 2);
  EXPECT_TRUE(model->Policy(x).equal(plain->Policy(clipped)));  // nothing seen yet

  const at::Tensor mean = at::randn({6});
  const at::Tensor deviation = at::randn({6}).abs() + 0.5;
  const at::Tensor acting = model->acting_parameters();
  acting.narrow(0, acting.numel() - 12, 6).copy_(mean);
  acting.narrow(0, acting.numel() - 6, 6).copy_(deviation);
  const at::Tensor normalised = ((x.flatten(1) - mean) / deviation).clamp(-2, 2).view_as(x);
  const Model::Output output = model->Forward(x);
  const Model::Output expected = plain->Forward(normalised);
  EXPECT_TRUE(output.policy.equal(expected.policy));
  EXPECT_TRUE(output.value.equal(expected.value));
  EXPECT_TRUE(model->Policy(x).equal(expected.policy));
  (output.policy.square().sum() + output.value.sum()).backward();
  const at::Tensor gradient = model->parameters().gradient().narrow(0, acting.numel() - 12, 12);
  EXPECT_EQ(gradient.abs().max().item<double>(), 0);
}

// What it publishes moves the whole state along, the value's part too.
TEST_P(ModelTest, WithAMemoryActingParametersAreAllThatItsStateFollowsFrom) {
  ModelConfig config = Config(GetParam());
  config.mutable_recurrence()->set_size(5);
  const auto model = *Model::Make(config, Task(), 1);
  const auto other = *Model::Make(config, Task(), 2);
  EXPECT_EQ(model->state_elements(), GetParam() ? 10 : 20);
  EXPECT_EQ(model->acting_layout_hash(), other->acting_layout_hash());
  EXPECT_NE(model->acting_layout_hash(), Make(GetParam())->acting_layout_hash());
  const at::NoGradGuard no_grad;
  other->acting_parameters().copy_(model->acting_parameters());
  const at::Tensor x = at::randn({4, 2, 3});
  at::Tensor state = at::randn({4, model->state_elements()});
  at::Tensor same = state.clone();
  EXPECT_TRUE(model->Policy(x, &state).equal(other->Policy(x, &same)));
  EXPECT_TRUE(state.equal(same));
  EXPECT_TRUE(model->Policy(x, &state).equal(other->Policy(x, &same)));
  EXPECT_TRUE(state.equal(same));
}

TEST(ModelDeathTest, AMemoryIsNotForgottenByTheCaller) {
  ModelConfig config = Config(false);
  config.mutable_recurrence()->set_size(8);
  const auto model = *Model::Make(config, Task(), 1);
  EXPECT_DEATH(model->Policy(at::randn({4, 2, 3})), "what came before");
  EXPECT_DEATH(model->Forward(at::randn({4, 2, 3})), "recurrence");
}

TEST(ModelLayoutTest, HashTellsLayoutsApart) {
  EXPECT_EQ(Make(false, 1)->acting_layout_hash(), Make(false, 2)->acting_layout_hash());
  EXPECT_NE(Make(false)->acting_layout_hash(), Make(true)->acting_layout_hash());
}

}  // namespace
}  // namespace drover
