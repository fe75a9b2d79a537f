#include "agent/algorithms/policy_gradient.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "agent/algorithms/table.h"
#include "agent/train_step.h"
#include "env/registry.h"
#include "tests/agent/synthetic_batch.h"

namespace drover {
namespace {

constexpr int64_t kSteps = 8;
constexpr int64_t kUnrolls = 4;

// A train step with a model of its own; the same seed gives the same weights.
struct Learner {
  explicit Learner(const std::string& text)
      : config(Resolved(absl::StrCat("environment: 'CartPole-v1' actors { count: 1 environments: ",
                                     kUnrolls, " unroll: ", kSteps, " } ", text))),
        environment((*MakeEnvironment(config.environment()))->spec()),
        algorithm(**FindAlgorithm(config.algorithm())),
        model(*Model::Make(config.model(), environment, 1)),
        step(config, algorithm, model.get()) {}

  Batch MakeBatch() const { return SyntheticBatch(*model, environment, kSteps, kUnrolls); }
  at::Tensor weights() const { return model->parameters().values(); }

  // What the targets of the first phase say of a batch.
  TensorMap Targets(const Batch& batch) const {
    const at::NoGradGuard no_grad;
    const BatchOutput output = ForwardBatch(*model, batch);
    const auto is = [&](End end) {
      return (batch.end == static_cast<int64_t>(end)).to(at::kFloat);
    };
    const Steps steps{batch.reward, (1 - is(End::kTerminated)) * config.returns().gamma(),
                      is(End::kTruncated), output.value, output.next_value};
    return algorithm.phases[0].targets({config, batch, steps, output.policy,
                                        model->distribution().LogProb(output.policy, batch.action),
                                        output.action_value});
  }

  const Experiment config;
  const EnvironmentSpec environment;
  const Algorithm& algorithm;
  const std::unique_ptr<Model> model;
  TrainStep step;
};

// With one epoch over the whole batch, λ = 1 and raw advantages, the ratio is 1 and PPO is A2C.
TEST(PolicyGradientTest, A2cIsPpoOfOneEpoch) {
  const std::string same =
      "topology: a2c returns { lambda: 1 } loss { entropy { value: 0.01 } } "
      "update { adam { epsilon: 1e-5 } rate { value: 1e-3 } max_norm: 0.5 }";
  Learner a2c(absl::StrCat("algorithm: 'a2c' ", same));
  Learner ppo(absl::StrCat("algorithm: 'ppo' ", same,
                           " loss { normalize_advantages: false } update { epochs: 1 minibatch: ",
                           kSteps * kUnrolls, " }"));
  const at::Tensor start = a2c.weights().clone();
  ASSERT_TRUE(start.equal(ppo.weights()));
  const Batch batch = a2c.MakeBatch();
  a2c.step.Run(batch, 1, 0);
  ppo.step.Run(batch, 1, 0);
  EXPECT_TRUE(a2c.weights().allclose(ppo.weights(), 1e-4, 1e-7));
  EXPECT_FALSE(a2c.weights().allclose(start, 1e-4, 1e-7));
}

TEST(PolicyGradientTest, ActorCriticLearnsOfTheActionReallyTakenNext) {
  const Learner learner("algorithm: 'actor_critic'");
  const Batch batch = learner.MakeBatch();
  const TensorMap targets = learner.Targets(batch);
  const at::NoGradGuard no_grad;
  const BatchOutput output = ForwardBatch(*learner.model, batch);
  const double gamma = learner.config.returns().gamma();
  for (int64_t b = 0; b < kUnrolls; ++b) {
    for (int64_t t = 0; t < kSteps; ++t) {
      const auto end = static_cast<End>(batch.end[t][b].item<int64_t>());
      const bool known = t + 1 < kSteps && end == End::kRunning;
      const double next =
          known
              ? output.action_value[t + 1][b][batch.action[t + 1][b].item<int64_t>()].item<double>()
              : output.next_value[t][b].item<double>();  // the policy's mean
      const double expected =
          batch.reward[t][b].item<double>() + (end == End::kTerminated ? 0 : gamma * next);
      EXPECT_NEAR(targets.at("value")[t][b].item<double>(), expected, 1e-5) << t << ", " << b;
    }
  }
}

TEST(PolicyGradientTest, AConstantAddedToQLeavesThePolicyGradient) {
  const Learner learner("algorithm: 'actor_critic'");
  const Batch batch = learner.MakeBatch();
  const at::Tensor before = learner.Targets(batch).at("advantage");
  {
    const at::NoGradGuard no_grad;
    learner.model->parameters().Get("value.head.0.bias").add_(100);
  }
  EXPECT_TRUE(before.allclose(learner.Targets(batch).at("advantage"), 1e-3, 1e-4));
  EXPECT_GT(before.abs().max().item<double>(), 1e-3);
}

// Of two unrolls with the same first episode, what comes after the last end counts for nothing.
TEST(PolicyGradientTest, OnlyEpisodesThatEndCount) {
  const std::string text =
      "algorithm: 'reinforce' actors { whole_episodes: true } loss { policy_weight: return_to_go }";
  Learner one(text);
  Learner other(text);
  Batch batch = one.MakeBatch();
  batch.end = at::zeros({kSteps, kUnrolls}, at::kByte);
  batch.end[3] = at::full({kUnrolls}, static_cast<int64_t>(End::kTerminated), at::kByte);
  batch.final_observation = batch.final_observation.narrow(0, 0, 0);
  batch.final_position = batch.final_position.narrow(0, 0, 0);
  Batch changed = batch;
  changed.reward = batch.reward.clone();
  changed.reward.narrow(0, 4, kSteps - 4).fill_(7);
  const at::Tensor start = one.weights().clone();
  one.step.Run(batch, 1, 0);
  other.step.Run(changed, 1, 0);
  EXPECT_TRUE(one.weights().equal(other.weights()));
  EXPECT_FALSE(one.weights().equal(start));
  changed.reward.narrow(0, 0, 4).fill_(7);
  other.step.Run(changed, 2, 0);
  one.step.Run(batch, 2, 0);
  EXPECT_FALSE(one.weights().equal(other.weights()));
}

TEST(PolicyGradientTest, DiscountedStepsCountFromTheirEpisode) {
  const std::string text = "algorithm: 'reinforce' returns { gamma: 0.5 } ";
  const Learner plain(text);
  const Learner discounted(absl::StrCat(text, "loss { discount_steps: true }"));
  const Batch batch = plain.MakeBatch();  // column 0 has an end after step kSteps / 2
  const at::Tensor ratio =
      discounted.Targets(batch).at("advantage") / plain.Targets(batch).at("advantage");
  EXPECT_NEAR(ratio[3][0].item<double>(), 0.125, 1e-5);
  EXPECT_NEAR(ratio[kSteps / 2 + 1][0].item<double>(), 1, 1e-5);
  EXPECT_NEAR(ratio[kSteps / 2 + 2][0].item<double>(), 0.5, 1e-5);
}

// ---- The penalty of PPO.

TEST(KlPenaltyTest, StartsAtNoDistance) {
  Learner learner(
      "algorithm: 'ppo_kl' update { rate { value: 1e-12 } epochs: 2 minibatch: 16 } "
      "loss { kl { target: 0 } }");
  const Statistics statistics = learner.step.Run(learner.MakeBatch(), 1, 0);
  EXPECT_NEAR(statistics.at("kl"), 0, 1e-6);
  EXPECT_EQ(statistics.at("kl_beta"), 1);
}

// A step that is too long doubles the penalty, one that is too short halves it; it goes along with
// the optimiser into checkpoints.
TEST(KlPenaltyTest, AdaptsToItsTarget) {
  const std::string text = "algorithm: 'ppo_kl' update { epochs: 4 minibatch: 16 } loss { kl { ";
  Learner strict(absl::StrCat(text, "target: 1e-9 } }"));
  strict.step.Run(strict.MakeBatch(), 1, 0);
  EXPECT_EQ(strict.step.Run(strict.MakeBatch(), 2, 0).at("kl_beta"), 4);
  Learner loose(absl::StrCat(text, "target: 100 beta: 3 } }"));
  EXPECT_EQ(loose.step.Run(loose.MakeBatch(), 1, 0).at("kl_beta"), 1.5);

  Learner resumed(absl::StrCat(text, "target: 1e-9 } }"));
  ASSERT_TRUE(resumed.step.Load(strict.step.State()).ok());
  EXPECT_EQ(resumed.step.Run(resumed.MakeBatch(), 3, 0).at("kl_beta"), 8);
}

TEST(KlPenaltyTest, HoldsThePolicyBack) {
  for (const std::string direction : {"forward", "reverse"}) {
    const auto kl = [&](const std::string& beta) {
      at::manual_seed(3);
      Learner learner(absl::StrCat(
          "algorithm: 'ppo_kl' update { rate { value: 1e-2 } epochs: 8 minibatch: 16 } ",
          "loss { kl { target: 0 direction: ", direction, " beta: ", beta, " } }"));
      return learner.step.Run(learner.MakeBatch(), 1, 0).at("kl");
    };
    EXPECT_LT(kl("100"), kl("0.001") / 2) << direction;
  }
}

}  // namespace
}  // namespace drover
