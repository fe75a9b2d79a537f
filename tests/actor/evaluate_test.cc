#include "actor/evaluate.h"

#include <ATen/Parallel.h>
#include <ATen/ops/full.h>

#include <cmath>
#include <memory>
#include <vector>

#include "actor/model_policy.h"
#include "env/registry.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

// As in an actor: more threads only get in each other's way.
const bool kOneThread = (at::set_num_threads(1), true);

std::unique_ptr<Model> MakeModel(const std::string& environment, uint64_t seed) {
  ModelConfig config;
  config.add_layers(8);
  config.set_activation(ModelConfig::Activation::tanh);
  const EnvironmentSpec spec = MakeEnvironment(environment).value()->spec();
  std::unique_ptr<Model> model = Model::Make(config, spec, seed).value();
  // Far from uniform, so that the mode does not hang on the last bit.
  float* parameters = model->acting_parameters().data_ptr<float>();
  for (int64_t i = 0; i < model->acting_parameters().numel(); ++i) parameters[i] *= 20;
  return model;
}

// Returns of the first `episodes` that one copy of a 128-copy evaluation plays, on its own.
std::vector<double> PlayAlone(const Model& model, uint64_t seed, uint64_t copy, uint32_t episodes) {
  const std::unique_ptr<Environment> environment = MakeEnvironment("CartPole-v1").value();
  ModelPolicy policy(&model, nullptr, 1, 4, ModelPolicy::Mode::kGreedy, Random({0}));
  Random random({seed, ~uint64_t{0}, copy, 0});
  std::vector<double> returns;
  for (uint32_t i = 0; i < episodes; ++i) {
    float observation[4];
    environment->Reset(random, observation);
    StepResult result;
    double sum = 0;
    do {
      Action action;
      policy.Act(observation, {&action.discrete, nullptr}, nullptr);
      result = environment->Step(action, observation);
      sum += static_cast<double>(result.reward);
    } while (result.end == End::kRunning);
    returns.push_back(sum);
  }
  return returns;
}

TEST(EvaluateTest, CountsTheFirstEpisodesOfEachCopy) {
  const std::unique_ptr<Model> model = MakeModel("CartPole-v1", 15);  // 29 steps an episode
  std::vector<double> returns;
  for (uint64_t copy = 0; copy < 128; ++copy) {
    for (const double r : PlayAlone(*model, 5, copy, copy < 44 ? 3 : 2)) returns.push_back(r);
  }
  ASSERT_EQ(returns.size(), 300U);
  double mean = 0;
  for (const double r : returns) mean += r / 300;
  double variance = 0;
  for (const double r : returns) variance += (r - mean) * (r - mean) / 300;
  ASSERT_GT(variance, 1);  // lengths differ, so who is counted matters

  const Evaluation evaluation = Evaluate(*model, {"CartPole-v1", 300, 5, nullptr}).value();
  EXPECT_EQ(evaluation.episodes(), 300U);
  EXPECT_NEAR(evaluation.mean(), mean, 1e-9);
  EXPECT_NEAR(evaluation.std(), std::sqrt(variance), 1e-9);
}

// It normalises by what training saw, and sees nothing itself.
TEST(EvaluateTest, LeavesTheModelAsItIs) {
  ModelConfig config;
  config.add_layers(8);
  config.mutable_normalization()->set_observations(true);
  config.mutable_normalization()->set_clip(10);
  const EnvironmentSpec spec = MakeEnvironment("CartPole-v1").value()->spec();
  const std::unique_ptr<Model> model = Model::Make(config, spec, 3).value();
  const EvaluateOptions options = {"CartPole-v1", 10, 5, nullptr};
  const double untouched = Evaluate(*model, options).value().mean();
  model->norm().SetObservations(at::full({4}, 0.1), at::full({4}, 0.01));
  const at::Tensor before = model->parameters().values().clone();
  const double first = Evaluate(*model, options).value().mean();
  EXPECT_NE(first, untouched);
  EXPECT_EQ(first, Evaluate(*model, options).value().mean());
  EXPECT_TRUE(model->parameters().values().equal(before));
}

TEST(EvaluateTest, TwiceIsTheSameAndTheSeedMatters) {
  const std::unique_ptr<Model> model = MakeModel("CartPole-v1", 3);
  const EvaluateOptions options = {"CartPole-v1", 10, 5, nullptr};
  const Evaluation first = Evaluate(*model, options).value();
  const Evaluation again = Evaluate(*model, options).value();
  EXPECT_EQ(first.mean(), again.mean());
  EXPECT_EQ(first.std(), again.std());
  EXPECT_NE(first.mean(), Evaluate(*model, {"CartPole-v1", 10, 6, nullptr}).value().mean());
}

TEST(EvaluateTest, PlaysCatch) {
  const std::unique_ptr<Model> model = MakeModel("Catch-v0", 3);
  const Evaluation evaluation = Evaluate(*model, {"Catch-v0", 200, 5, nullptr}).value();
  EXPECT_EQ(evaluation.episodes(), 200U);
  EXPECT_NEAR(evaluation.std(), std::sqrt(1 - evaluation.mean() * evaluation.mean()), 1e-9);
}

TEST(EvaluateTest, PlaysWithContinuousActions) {
  const std::unique_ptr<Model> model = MakeModel("Pendulum-v1", 3);
  const Evaluation evaluation = Evaluate(*model, {"Pendulum-v1", 200, 5, nullptr}).value();
  EXPECT_EQ(evaluation.episodes(), 200U);
  EXPECT_NEAR(evaluation.mean(), -1200, 400);  // what a rod that is left alone costs
  EXPECT_GT(evaluation.std(), 50);
}

// A T-maze of one step by hand: unit 0 remembers the sign, unit 1 that this is no junction.
std::unique_ptr<Model> MakeMazeRunner(const EnvironmentSpec& spec) {
  ModelConfig config;
  config.add_layers(3);
  config.set_activation(ModelConfig::Activation::tanh);
  config.mutable_recurrence()->set_size(2);
  std::unique_ptr<Model> model = Model::Make(config, spec, 1).value();
  model->parameters().values().zero_();
  const auto set = [&](const std::string& name, int64_t row, int64_t column, float value) {
    model->parameters().Get("policy." + name).detach()[row][column].fill_(value);
  };
  for (int64_t i = 0; i < 3; ++i) set("torso.0.weight", i, i, 1);
  // Gates in the order i, f, g, o of two units each.
  set("torso.memory.input.0.weight", 4, 0, 10);
  set("torso.memory.input.0.weight", 5, 2, 10);
  const at::Tensor bias = model->parameters().Get("policy.torso.memory.input.0.bias").detach();
  bias.narrow(0, 0, 2).fill_(10);  // takes all in
  bias[2].fill_(10);               // keeps the sign
  bias[3].fill_(-10);
  bias.narrow(0, 6, 2).fill_(10);
  set("head.0.weight", 0, 1, 10);  // forward
  set("head.0.weight", 1, 0, 1);
  set("head.0.weight", 2, 0, -1);
  return model;
}

TEST(EvaluateTest, WhatWasRememberedEndsWithItsEpisode) {
  EvaluateOptions options = {"TMaze-v0", 1000, 5, nullptr};  // several in each copy
  options.environment_options.set_length(1);
  const EnvironmentSpec spec =
      MakeEnvironment(options.environment, options.environment_options).value()->spec();
  const Evaluation evaluation = Evaluate(*MakeMazeRunner(spec), options).value();
  EXPECT_EQ(evaluation.mean(), 1);
}

TEST(EvaluateTest, SaysWhyNot) {
  const std::unique_ptr<Model> model = MakeModel("CartPole-v1", 3);
  EXPECT_TRUE(absl::IsNotFound(Evaluate(*model, {"CartPole-v9", 10, 5, nullptr}).status()));
  EXPECT_TRUE(
      absl::IsCancelled(Evaluate(*model, {"CartPole-v1", 10, 5, [] { return true; }}).status()));
}

}  // namespace
}  // namespace drover
