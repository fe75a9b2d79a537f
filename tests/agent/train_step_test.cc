#include "agent/train_step.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/algorithms/table.h"
#include "agent/normalization/running_moments.h"
#include "env/environment.h"
#include "env/registry.h"
#include "tests/agent/synthetic_batch.h"

namespace drover {
namespace {

// 20 steps of 16 unrolls: 320 steps, 5 minibatches of 64.
constexpr char kSmall[] = R"(
  environment: "CartPole-v1" actors { unroll: 20 } learner { batch: 16 } )";
constexpr char kImpala[] = R"(algorithm: "impala" )";
constexpr char kPpo[] = R"(algorithm: "ppo" update { epochs: 3 minibatch: 64 } )";

constexpr char kNormalised[] = "model { normalization { observations: true returns: true } } ";

// A learner's train step with a model of its own; the same seed gives the same weights.
struct Learner {
  explicit Learner(const std::string& text)
      : config(Resolved(absl::StrCat(kSmall, text))),
        environment((*MakeEnvironment(config.environment()))->spec()),
        model(*Model::Make(config.model(), environment, 1)),
        step(config, **FindAlgorithm(config.algorithm()), model.get()) {}

  Batch MakeBatch() const { return SyntheticBatch(*model, environment, 20, 16); }
  at::Tensor weights() const { return model->parameters().values(); }
  // Those that normalise: mean and deviation of four numbers, deviation of returns.
  at::Tensor statistics() const {
    const at::Tensor acting = model->acting_parameters();
    return acting.narrow(0, acting.numel() - 9, 9);
  }
  // As an actor tells what it saw.
  void Count(const at::Tensor& observations, const at::Tensor& returns) {
    std::vector<SeenMoments> seen(1);
    RunningMoments moments(4);
    moments.Add(observations);
    moments.Write(&seen[0].observations);
    RunningMoments sums(1);
    sums.Add(returns);
    sums.Write(&seen[0].returns);
    step.Count(seen);
  }
  int64_t UpdatesTaken() const {  // by Adam's own count
    for (const auto& [name, tensor] : step.State()) {
      if (name == "train.step") return tensor.item<int64_t>();
    }
    return -1;
  }

  const Experiment config;
  const EnvironmentSpec environment;
  const std::unique_ptr<Model> model;
  TrainStep step;
};

TEST(TrainStepTest, PpoStartsWithARatioOfOne) {
  // With a rate of next to nothing every minibatch is a first one.
  Learner learner(absl::StrCat(kPpo, "update { rate { value: 1e-12 } }"));
  Batch batch = learner.MakeBatch();
  Statistics statistics = learner.step.Run(batch, 1, 0);
  EXPECT_EQ(statistics.at("clip_fraction"), 0);
  EXPECT_LT(statistics.at("kl"), 1e-9);
  EXPECT_NEAR(statistics.at("policy_loss"), 0, 1e-6);  // minus the mean of normalised advantages

  batch.log_prob += 0.5;  // recorded wrongly
  statistics = learner.step.Run(batch, 2, 0);
  EXPECT_EQ(statistics.at("clip_fraction"), 1);
  EXPECT_GT(statistics.at("kl"), 0.01);
}

// Columns that are not kept whole, or an end that is overlooked, would make other memories.
TEST(TrainStepTest, PpoWithAMemoryStartsWithARatioOfOne) {
  for (const char* cell : {"lstm", "gru"}) {
    SCOPED_TRACE(cell);
    Learner learner(absl::StrCat("algorithm: 'ppo' update { epochs: 3 minibatch: 60 ",
                                 "rate { value: 1e-12 } } model { recurrence { cell: ", cell,
                                 " size: 8 } } actors { environments: 15 count: 1 } ",
                                 "learner { batch: 15 }"));
    learner.weights().mul_(5);  // so that what it remembers matters
    Batch batch = SyntheticBatch(*learner.model, learner.environment, 20, 15);
    EXPECT_LT(learner.step.Run(batch, 1, 0).at("kl"), 1e-9);
    EXPECT_EQ(learner.UpdatesTaken(), 3 * 5);
    batch.end.zero_();
    EXPECT_GT(learner.step.Run(batch, 2, 0).at("kl"), 1e-6);
    batch.state = -batch.state;
    EXPECT_GT(learner.step.Run(batch, 3, 0).at("kl"), 1e-4);
  }
}

// As when an actor died: a round has fewer unrolls than the config says.
TEST(TrainStepTest, ABatchThatMinibatchesDoNotDivideIsLearnedFromWhole) {
  Learner learner(kPpo);
  learner.step.Run(SyntheticBatch(*learner.model, learner.environment, 20, 5), 1, 0);
  EXPECT_EQ(learner.UpdatesTaken(), 3 * 2);
}

TEST(TrainStepTest, PpoMovesThePolicyOverItsMinibatches) {
  Learner learner(kPpo);
  EXPECT_GT(learner.step.Run(learner.MakeBatch(), 1, 0).at("kl"), 1e-7);
}

TEST(TrainStepTest, ImpalaReadsTheRecordedLogProbability) {
  Learner learner(absl::StrCat(kImpala, "update { rate { value: 1e-12 } }"));
  Batch batch = learner.MakeBatch();
  const Statistics right = learner.step.Run(batch, 1, 0);
  EXPECT_NEAR(right.at("mean_rho"), 1, 1e-6);
  batch.log_prob += 0.5;
  const Statistics wrong = learner.step.Run(batch, 2, 0);
  EXPECT_NEAR(wrong.at("mean_rho"), std::exp(-0.5), 1e-6);
  EXPECT_GT(std::abs(wrong.at("policy_loss") - right.at("policy_loss")), 1e-3);
  EXPECT_GT(std::abs(wrong.at("value_loss") - right.at("value_loss")), 1e-3);
}

TEST(TrainStepTest, LossIsTheWeightedSumOfItsTerms) {
  Learner learner(absl::StrCat(kImpala, "loss { value_coefficient: 0.25 entropy { value: 0.1 } }"));
  const Statistics statistics = learner.step.Run(learner.MakeBatch(), 1, 0);
  EXPECT_NEAR(statistics.at("loss"),
              statistics.at("policy_loss") + 0.25 * statistics.at("value_loss") -
                  0.1 * statistics.at("entropy"),
              1e-6);
  EXPECT_NEAR(statistics.at("entropy"), std::log(2), 1e-3);  // nearly uniform
}

// Two steps of one unroll, on policy: what the first one's value should be, by hand.
TEST(TrainStepTest, TargetsFollowHowTheEpisodeEnds) {
  constexpr double kGamma = 0.9;
  Learner learner(absl::StrCat(kImpala, "returns { gamma: 0.9 }"));
  for (const End end : {End::kRunning, End::kTerminated, End::kTruncated}) {
    Batch batch = SyntheticBatch(*learner.model, learner.environment, 2, 1);
    batch.reward = at::tensor({1.0, 3.0}, at::kFloat).view({2, 1});
    batch.end.zero_();
    batch.end[0][0] = static_cast<int64_t>(end);
    const std::vector<int64_t> truncated_at(end == End::kTruncated ? 1 : 0, 0);
    batch.final_position = at::tensor(truncated_at, at::kLong);
    const auto value = [&learner](const at::Tensor& observation) {
      return learner.model->Forward(observation).value.sum().item<double>();
    };
    const double second = 3 + kGamma * value(batch.observation[2]);
    double first = 1 + kGamma * second;
    if (end == End::kTerminated) first = 1;
    if (end == End::kTruncated) first = 1 + kGamma * value(batch.final_observation);
    const double expected = (std::pow(first - value(batch.observation[0]), 2) +
                             std::pow(second - value(batch.observation[1]), 2)) /
                            4;
    EXPECT_NEAR(learner.step.Run(batch, 1, 0).at("value_loss"), expected, 1e-4 * expected);
  }
}

TEST(TrainStepTest, RewardsAreInDeviationsOfTheirDiscountedSum) {
  Learner plain(absl::StrCat(kImpala, "returns { gamma: 0 reward_scale: 0.5 }"));
  Learner learner(absl::StrCat(kImpala, kNormalised, "returns { gamma: 0 reward_scale: 0.5 }"));
  learner.Count(at::tensor({1.0, -1.0, 1.0, -1.0}).view({1, 4}),
                at::tensor({3.0, -1.0}).view({2, 1}));
  learner.statistics().narrow(0, 0, 4).zero_();
  learner.statistics().narrow(0, 4, 4).fill_(1);
  Batch batch = plain.MakeBatch();
  batch.reward.fill_(8);
  const double before = learner.step.Run(batch, 1, 0).at("value_loss");
  batch.reward.fill_(4);
  EXPECT_NEAR(before, plain.step.Run(batch, 1, 0).at("value_loss"), 1e-5 * before);
  batch.reward.fill_(1e6);
  const double clipped = learner.step.Run(batch, 2, 0).at("value_loss");
  batch.reward.fill_(20);  // half of it is the clip
  EXPECT_NEAR(clipped, plain.step.Run(batch, 2, 0).at("value_loss"), 1e-4 * clipped);
}

// Optimisers leave alone what has no gradient.
TEST(TrainStepTest, OnlyWhatIsSeenMovesTheStatistics) {
  for (const char* rule : {"adam {}", "rmsprop {}", "rmsprop { epsilon_place: inside }"}) {
    SCOPED_TRACE(rule);
    Learner learner(absl::StrCat(kPpo, kNormalised, "update { ", rule, " }"));
    Batch batch = learner.MakeBatch();
    const at::Tensor seen = at::randn({100, 4}) + 3;
    for (uint64_t update = 1; update <= 3; ++update) {
      const at::Tensor statistics = learner.statistics().clone();
      const at::Tensor weights = learner.weights().clone();
      learner.step.Run(batch, update, 0);
      EXPECT_FALSE(learner.weights().equal(weights));
      EXPECT_TRUE(learner.statistics().equal(statistics));
      learner.Count(seen, seen.narrow(1, 0, 1) - static_cast<double>(update));
      EXPECT_FALSE(learner.statistics().equal(statistics));
    }
    EXPECT_TRUE(learner.statistics().narrow(0, 0, 4).allclose(seen.mean(0)));
  }
}

TEST(TrainStepTest, WhatWasSeenIsPartOfItsState) {
  const std::string text = absl::StrCat(kPpo, kNormalised);
  Learner first(text);
  const Batch batch = first.MakeBatch();
  const at::Tensor seen = at::randn({100, 4});
  const auto train = [&](Learner* learner, uint64_t update) {
    learner->step.Run(batch, update, 0);
    learner->Count(seen + static_cast<double>(update), seen.narrow(1, 0, 1));
  };
  for (uint64_t update = 1; update <= 3; ++update) train(&first, update);
  Learner resumed(text);
  resumed.weights().copy_(first.weights());
  ASSERT_TRUE(resumed.step.Load(first.step.State()).ok());
  for (Learner* learner : {&first, &resumed}) train(learner, 4);
  EXPECT_TRUE(resumed.weights().equal(first.weights()));
  for (size_t i = 0; i < first.step.State().size(); ++i) {
    EXPECT_TRUE(at::equal(resumed.step.State()[i].second, first.step.State()[i].second));
  }
  EXPECT_FALSE(Learner(kPpo).step.Load(first.step.State()).ok());
}

// A3C: who computes the gradient and who applies it are apart; nothing is lost in between.
TEST(TrainStepTest, ItsHalvesMakeTheWholeBitForBit) {
  for (const char* text : {
           R"(algorithm: "a3c" actors { environments: 16 } loss { entropy { final: 0 } }
             update { rate { final: 0 } } budget { max_frames: 2000 })",
           R"(algorithm: "reinforce" topology: a3c actors { environments: 16 })",
       }) {
    SCOPED_TRACE(text);
    Learner whole(text);
    Learner actor(text);
    Learner server(text);
    for (uint64_t update = 1; update <= 3; ++update) {
      const uint64_t frames = 320 * update;
      const Batch batch = whole.MakeBatch();
      Statistics expected = whole.step.Run(batch, update, frames);
      actor.weights().copy_(server.weights());
      const TrainStep::Gradient gradient = actor.step.Differentiate(batch, frames);
      EXPECT_TRUE(at::equal(actor.weights(), server.weights()));
      Statistics statistics = server.step.Apply(gradient.values, frames);
      statistics.insert(gradient.statistics.begin(), gradient.statistics.end());
      EXPECT_EQ(statistics, expected);
      EXPECT_TRUE(at::equal(server.weights(), whole.weights()));
      for (size_t i = 0; i < whole.step.State().size(); ++i) {
        EXPECT_TRUE(at::equal(server.step.State()[i].second, whole.step.State()[i].second));
      }
    }
  }
}

// Its critic's step does not see the policy's, nor the other way round: both are at one version.
TEST(TrainStepTest, AGradientOfTwoPhasesIsOfBoth) {
  Learner learner(R"(algorithm: "actor_critic" topology: a3c actors { environments: 16 })");
  const at::Tensor gradient = learner.step.Differentiate(learner.MakeBatch(), 0).values;
  for (const ParameterGroup group : {ParameterGroup::kPolicy, ParameterGroup::kValue}) {
    const Model::Range range = learner.model->range(group);
    const at::Tensor part = gradient.narrow(0, range.begin, range.size);
    EXPECT_GT(part.norm().item<double>(), 0);
    EXPECT_LE(part.norm().item<double>(), learner.config.update().max_norm() * 1.0001);
  }
  const at::Tensor before = learner.weights().clone();
  learner.step.Apply(gradient, 0);
  EXPECT_GT((learner.weights() - before).abs().max().item<double>(), 0);
}

TEST(TrainStepTest, AGradientThatIsNoneIsNoneThroughout) {
  Learner learner(R"(algorithm: "a3c" actors { environments: 16 })");
  Batch batch = learner.MakeBatch();
  batch.reward[3][2] = std::nan("");
  const TrainStep::Gradient gradient = learner.step.Differentiate(batch, 0);
  EXPECT_TRUE(gradient.values.isnan().all().item<bool>());
  EXPECT_EQ(gradient.statistics.at("skipped"), 1);
}

class OverfitTest : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Algorithms, OverfitTest, ::testing::Values(kImpala, kPpo));

TEST_P(OverfitTest, RepeatedStepsOnOneBatchLowerTheLoss) {
  // Without a future the targets stay where they are: the rewards.
  Learner learner(absl::StrCat(GetParam(), "returns { gamma: 0 } update { rate { value: 5e-3 } }"));
  const Batch batch = learner.MakeBatch();
  const Statistics before = learner.step.Run(batch, 1, 0);
  Statistics after;
  for (uint64_t version = 2; version < 60; ++version) after = learner.step.Run(batch, version, 0);
  EXPECT_LT(after.at("value_loss"), 0.1 * before.at("value_loss"));
  EXPECT_LT(after.at("loss"), before.at("loss"));
}

TEST(TrainStepTest, LearnsWhichActionIsRewarded) {
  Learner learner(absl::StrCat(kImpala, "returns { gamma: 0 } update { rate { value: 3e-3 } }"));
  Batch batch = learner.MakeBatch();
  batch.reward = batch.action.to(at::kFloat);
  for (uint64_t version = 1; version < 100; ++version) learner.step.Run(batch, version, 0);
  const at::Tensor policy = learner.model->Policy(batch.observation.flatten(0, 1));
  const double greedy =
      learner.model->distribution().Mode(policy).to(at::kFloat).mean().item<double>();
  EXPECT_GT(greedy, 0.99);
}

TEST(TrainStepTest, GoesOnFromItsStateBitForBit) {
  Learner first(kPpo);
  const Batch batch = first.MakeBatch();
  for (uint64_t version = 1; version <= 3; ++version) first.step.Run(batch, version, 0);
  Learner resumed(kPpo);
  Learner forgetful(kPpo);
  resumed.weights().copy_(first.weights());
  forgetful.weights().copy_(first.weights());
  ASSERT_TRUE(resumed.step.Load(first.step.State()).ok());
  for (uint64_t version = 4; version <= 5; ++version) {
    for (Learner* learner : {&first, &resumed, &forgetful}) learner->step.Run(batch, version, 0);
  }
  EXPECT_TRUE(resumed.weights().equal(first.weights()));
  EXPECT_FALSE(forgetful.weights().equal(first.weights()));
}

TEST(TrainStepTest, RefusesAStateThatIsNotItsOwn) {
  Learner learner(kImpala);
  const auto state = learner.step.State();
  auto less = state;
  less.pop_back();
  auto renamed = state;
  renamed[0].first = "train.x";
  auto resized = state;
  resized[0].second = at::zeros({3});
  for (const auto& bad : {less, renamed, resized}) {
    EXPECT_EQ(learner.step.Load(bad).code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(learner.step.Load(state).ok());
}

class NotANumberTest : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Algorithms, NotANumberTest, ::testing::Values(kImpala, kPpo));

TEST_P(NotANumberTest, SkipsTheStepAndLeavesWeightsAndOptimiser) {
  Learner learner(GetParam());
  const Batch good = learner.MakeBatch();
  learner.step.Run(good, 1, 0);
  const at::Tensor weights = learner.weights().clone();
  const int64_t updates = learner.UpdatesTaken();

  Batch bad = good;
  bad.reward = good.reward.clone();
  bad.reward.fill_(NAN);
  const Statistics statistics = learner.step.Run(bad, 2, 0);
  EXPECT_EQ(statistics.at("skipped"), updates);
  for (const auto& [name, value] : statistics) EXPECT_TRUE(std::isfinite(value)) << name;
  EXPECT_TRUE(learner.weights().equal(weights));
  EXPECT_EQ(learner.UpdatesTaken(), updates);

  EXPECT_EQ(learner.step.Run(good, 3, 0).at("skipped"), 0);
  EXPECT_EQ(learner.UpdatesTaken(), 2 * updates);
  EXPECT_TRUE(std::isfinite(learner.weights().sum().item<double>()));
}

TEST(TrainStepTest, TakesAStepForEachMinibatchOfEachEpoch) {
  Learner ppo(kPpo);
  ppo.step.Run(ppo.MakeBatch(), 1, 0);
  EXPECT_EQ(ppo.UpdatesTaken(), 3 * 5);
  Learner impala(kImpala);
  impala.step.Run(impala.MakeBatch(), 1, 0);
  EXPECT_EQ(impala.UpdatesTaken(), 1);
}

TEST(TrainStepTest, EndsTheEpochsOnceThePolicyHasMovedFarEnough) {
  Learner learner(absl::StrCat(kPpo, "update { target_kl: 1e-9 }"));
  const Batch batch = learner.MakeBatch();
  learner.step.Run(batch, 1, 0);
  EXPECT_GE(learner.UpdatesTaken(), 1);
  EXPECT_LE(learner.UpdatesTaken(), 3);
  Learner patient(absl::StrCat(kPpo, "update { target_kl: 1e9 }"));
  patient.step.Run(batch, 1, 0);
  EXPECT_EQ(patient.UpdatesTaken(), 3 * 5);
}

TEST(TrainStepTest, MinibatchesFollowFromSeedAndVersion) {
  Learner learner(kPpo);
  const Batch batch = learner.MakeBatch();
  learner.step.Run(batch, 7, 0);
  const auto weights_after = [&batch](const char* seed, uint64_t version) {
    Learner other(absl::StrCat(kPpo, seed));
    other.step.Run(batch, version, 0);
    return other.weights().clone();
  };
  EXPECT_TRUE(weights_after("", 7).equal(learner.weights()));
  EXPECT_FALSE(weights_after("", 8).equal(learner.weights()));
  EXPECT_FALSE(weights_after("seed: 2", 7).equal(learner.weights()));
}

TEST(TrainStepTest, SchedulesGoByTrainedFrames) {
  const std::string rate = "update { rate { value: 0.004 final: 0 frames: 1000 } }";
  Learner learner(absl::StrCat(kImpala, rate));
  const Batch batch = learner.MakeBatch();
  EXPECT_DOUBLE_EQ(learner.step.Run(batch, 1, 0).at("rate"), 0.004);
  EXPECT_DOUBLE_EQ(learner.step.Run(batch, 2, 250).at("rate"), 0.003);
  const at::Tensor weights = learner.weights().clone();
  EXPECT_EQ(learner.step.Run(batch, 3, 1000).at("rate"), 0);
  EXPECT_TRUE(learner.weights().equal(weights));
}

TEST(TrainStepTest, CountsItsSeconds) {
  Learner learner(kImpala);
  learner.step.Run(learner.MakeBatch(), 1, 0);
  EXPECT_GT(learner.step.seconds().forward_backward, 0);
  EXPECT_GT(learner.step.seconds().optimizer, 0);
}

}  // namespace
}  // namespace drover
