// What train steps over replayed transitions move, and what they learn.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/algorithms/table.h"
#include "agent/train_step.h"
#include "env/registry.h"
#include "tests/agent/synthetic_batch.h"

namespace drover {
namespace {

constexpr char kSmall[] = R"(
  environment: "Pendulum-v1" learner { batch: 64 } model { layers: 32 layers: 32 } )";

struct Learner {
  explicit Learner(const std::string& text)
      : config(Resolved(absl::StrCat(kSmall, text))),
        environment((*MakeEnvironment(config.environment()))->spec()),
        model(*Model::Make(config.model(), environment, 1)),
        step(config, **FindAlgorithm(config.algorithm()), model.get()) {}

  Batch MakeBatch() const {
    return SyntheticBatch(*model, environment, config.returns().n_step() + 3, 64);
  }
  at::Tensor Part(ParameterGroup group) const {
    const Model::Range range = model->range(group);
    return model->parameters().values().narrow(0, range.begin, range.size).clone();
  }
  at::Tensor Target() const {
    for (const auto& [name, tensor] : step.State()) {
      if (name == "target_networks") return tensor.clone();
    }
    return {};
  }

  const Experiment config;
  const EnvironmentSpec environment;
  const std::unique_ptr<Model> model;
  TrainStep step;
};

TEST(ReplayTrainStepTest, Td3MovesPolicyAndTargetsEverySecondStep) {
  Learner learner("algorithm: 'td3'");
  for (uint64_t update = 1; update <= 4; ++update) {
    const at::Tensor policy = learner.Part(ParameterGroup::kPolicy);
    const at::Tensor critic = learner.Part(ParameterGroup::kCritic);
    const at::Tensor target = learner.Target();
    learner.step.Run(learner.MakeBatch(), update, 0);
    EXPECT_FALSE(critic.equal(learner.Part(ParameterGroup::kCritic)));
    EXPECT_EQ(policy.equal(learner.Part(ParameterGroup::kPolicy)), update % 2 == 1) << update;
    EXPECT_EQ(target.equal(learner.Target()), update % 2 == 1) << update;
  }
}

TEST(ReplayTrainStepTest, ThePolicysPhaseLeavesTheCriticAsItIs) {
  // With a rate of next to nothing the critics stand still; so all else that moved them would show.
  Learner learner("algorithm: 'ddpg' update { rate { value: 1e-30 } policy_rate { value: 0.01 } }");
  const at::Tensor policy = learner.Part(ParameterGroup::kPolicy);
  const at::Tensor critic = learner.Part(ParameterGroup::kCritic);
  learner.step.Run(learner.MakeBatch(), 1, 0);
  EXPECT_FALSE(policy.equal(learner.Part(ParameterGroup::kPolicy)));
  EXPECT_TRUE(critic.equal(learner.Part(ParameterGroup::kCritic)));
}

TEST(ReplayTrainStepTest, TargetNetworksFollowByTau) {
  Learner learner("algorithm: 'ddpg' target_networks { tau: 0.25 }");
  const at::Tensor before = learner.Target();
  EXPECT_TRUE(before.equal(learner.model->parameters().values()));
  learner.step.Run(learner.MakeBatch(), 1, 0);
  const at::Tensor expected = before + 0.25 * (learner.model->parameters().values() - before);
  EXPECT_TRUE(learner.Target().allclose(expected, 1e-6, 1e-8));
}

TEST(ReplayTrainStepTest, ATemperatureRisesWhereEntropyIsBelowItsTarget) {
  for (const double target : {-100., 100.}) {
    Learner learner(absl::StrCat("algorithm: 'sac_auto' loss { target_entropy: ", target, " }"));
    const double before = learner.model->log_temperature().item<double>();
    learner.step.Run(learner.MakeBatch(), 1, 0);
    EXPECT_EQ(learner.model->log_temperature().item<double>() > before, target > 0);
  }
}

TEST(ReplayTrainStepTest, PrioritiesAreWhatTheCriticMissesBy) {
  for (const char* algorithm : {"ddpg", "td3", "d4pg", "sac", "sac_auto"}) {
    Learner learner(Using(algorithm));
    learner.step.Run(learner.MakeBatch(), 1, 0);
    const at::Tensor priority = learner.step.priority();
    ASSERT_EQ(priority.sizes(), (std::vector<int64_t>{64})) << algorithm;
    EXPECT_GE(priority.min().item<double>(), 0);
    EXPECT_GT(priority.max().item<double>(), 0);
  }
}

TEST(ReplayTrainStepTest, TheSameStepDrawsTheSameNoise) {
  for (const char* algorithm : {"td3", "sac_auto"}) {
    const std::string text = absl::StrCat("algorithm: '", algorithm, "'");
    Learner one(text);
    Learner two(text);
    const Batch batch = one.MakeBatch();
    one.step.Run(batch, 2, 0);
    two.step.Run(batch, 2, 0);
    EXPECT_TRUE(one.model->parameters().values().equal(two.model->parameters().values()));
    Learner other(text);
    other.step.Run(batch, 4, 0);
    EXPECT_FALSE(one.model->parameters().values().equal(other.model->parameters().values()));
  }
}

// Acting and target networks know nothing of who else is in the batch.
TEST(ReplayTrainStepTest, BatchNormUsesRunningStatisticsUnlessItTrains) {
  Learner learner("algorithm: 'ddpg' model { batch_norm: true }");
  const auto parameter = [&learner](const std::string& name) {
    return learner.model->parameters().Get(name).detach().clone();
  };
  const at::Tensor before = parameter("policy.torso.0.norm.mean");
  EXPECT_EQ(before.abs().max().item<double>(), 0);
  Batch batch = learner.MakeBatch();
  batch.observation += 3;
  learner.step.Run(batch, 1, 0);
  const at::Tensor expected = 0.1 * batch.observation[0].mean(0);
  EXPECT_TRUE(parameter("policy.torso.0.norm.mean").allclose(expected, 1e-4, 1e-5));
  EXPECT_GT(parameter("critic0.torso.1.norm.mean").abs().max().item<double>(), 0);

  const at::NoGradGuard no_grad;
  const at::Tensor x = batch.observation[0];
  const at::Tensor all = learner.model->Policy(x);
  EXPECT_TRUE(all.narrow(0, 0, 1).allclose(learner.model->Policy(x.narrow(0, 0, 1)), 1e-4, 1e-5));
  EXPECT_TRUE(parameter("policy.torso.0.norm.mean").allclose(expected, 1e-4, 1e-5));
  const at::Tensor q = learner.model->FrozenQ(0, x, batch.action[0]);
  EXPECT_TRUE(q.narrow(0, 0, 1).allclose(
      learner.model->FrozenQ(0, x.narrow(0, 0, 1), batch.action[0].narrow(0, 0, 1)), 1e-4, 1e-5));
}

TEST(ReplayTrainStepTest, AStepThatIsSkippedMovesNoRunningStatistics) {
  Learner learner("algorithm: 'ddpg' model { batch_norm: true }");
  const at::Tensor before = learner.model->parameters().values().clone();
  Batch batch = learner.MakeBatch();
  batch.observation[0][0] = std::nanf("");
  EXPECT_EQ(learner.step.Run(batch, 1, 0).at("skipped"), 2);
  EXPECT_TRUE(before.equal(learner.model->parameters().values()));
}

// Experience of weight 0 counts for nothing, wherever priorities are made up for.
TEST(ReplayTrainStepTest, WeightsCountForCriticsAndValue) {
  Learner learner("algorithm: 'sac' model { critics { value: true } }");
  Batch batch = learner.MakeBatch();
  batch.weight = at::zeros({64});
  const at::Tensor critic = learner.Part(ParameterGroup::kCritic);
  const at::Tensor value = learner.Part(ParameterGroup::kValue);
  learner.step.Run(batch, 1, 0);
  EXPECT_TRUE(critic.equal(learner.Part(ParameterGroup::kCritic)));
  EXPECT_TRUE(value.equal(learner.Part(ParameterGroup::kValue)));
}

TEST(ReplayTrainStepTest, GoesOnFromACheckpointAsIfItHadNotStopped) {
  for (const char* algorithm : {"ddpg", "td3", "d4pg", "sac", "sac_auto", "dpg_off"}) {
    const std::string text = Using(algorithm);
    Learner one(text);
    std::vector<Batch> batches;
    batches.reserve(6);
    for (int i = 0; i < 6; ++i) batches.push_back(one.MakeBatch());
    for (uint64_t update = 1; update <= 3; ++update) one.step.Run(batches[update - 1], update, 0);
    Learner two(text);
    two.model->parameters().values().copy_(one.model->parameters().values());
    UpdateRule::NamedTensors saved;
    for (const auto& [name, tensor] : one.step.State()) saved.emplace_back(name, tensor.clone());
    ASSERT_TRUE(two.step.Load(saved).ok());
    for (uint64_t update = 4; update <= 6; ++update) {
      one.step.Run(batches[update - 1], update, 0);
      two.step.Run(batches[update - 1], update, 0);
    }
    EXPECT_TRUE(one.model->parameters().values().equal(two.model->parameters().values()))
        << algorithm;
    EXPECT_TRUE(one.Target().equal(two.Target())) << algorithm;
  }
}

// A one-step task whose best action is known: reward −(a − 1)² in every state.
TEST(ReplayTrainStepTest, LearnsTheBestActionWithEveryAlgorithm) {
  for (const char* algorithm : {"ddpg", "td3", "d4pg", "sac", "sac_auto"}) {
    Learner learner(absl::StrCat(
        Using(algorithm), "returns { n_step: 1 } update { policy_rate { value: 3e-4 } }",
        std::string(algorithm) == "sac" ? "model { temperature: 0.01 }" : ""));
    for (uint64_t update = 1; update <= 1500; ++update) {
      Batch batch = learner.MakeBatch();
      batch.action = 4 * at::rand(batch.action.sizes()) - 2;
      batch.reward = -(batch.action.squeeze(2) - 1).square();
      batch.end.fill_(static_cast<int64_t>(End::kTerminated));
      learner.step.Run(batch, update, 0);
    }
    const at::NoGradGuard no_grad;
    const at::Tensor x = learner.MakeBatch().observation[0];
    const at::Tensor action = learner.model->distribution().Mode(learner.model->Policy(x));
    EXPECT_LT((action - 1).abs().mean().item<double>(), 0.25) << algorithm;
  }
}

}  // namespace
}  // namespace drover
