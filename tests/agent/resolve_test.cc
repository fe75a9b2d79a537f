#include "agent/resolve.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/algorithms/table.h"

namespace drover {
namespace {

constexpr char kMinimal[] = R"(environment: "CartPole-v1" algorithm: "impala")";

Experiment Parse(const std::string& text) {
  Experiment experiment;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &experiment)) << text;
  return experiment;
}

TEST(ResolveTest, CompletesAMinimalConfig) {
  Experiment experiment = Parse(kMinimal);
  const auto error = ResolveExperiment(&experiment);
  ASSERT_FALSE(error.has_value()) << error->field << " " << error->message;
  EXPECT_EQ(experiment.topology(), Topology::impala);
  EXPECT_EQ(experiment.learner().batch(),
            experiment.actors().count() * experiment.actors().environments());
  EXPECT_EQ(experiment.update().minibatch(),
            experiment.learner().batch() * experiment.actors().unroll());
  EXPECT_EQ(experiment.model().layers_size(), 2);
  EXPECT_TRUE(experiment.returns().has_clip_rho());
  EXPECT_EQ(experiment.update().rate().frames(), experiment.budget().max_frames());
}

TEST(ResolveTest, IsIdempotentForEveryAlgorithm) {
  for (const Algorithm& algorithm : Algorithms()) {
    Experiment once = Parse(kMinimal);
    once.set_algorithm(algorithm.name);
    if (algorithm.phases.front().replay_loss != nullptr) once.set_environment("Pendulum-v1");
    if (algorithm.name == "d4pg") {  // the one setting without a default
      once.mutable_model()->mutable_critics()->set_v_min(-1);
      once.mutable_model()->mutable_critics()->set_v_max(1);
    }
    auto error = ResolveExperiment(&once);
    ASSERT_FALSE(error.has_value()) << algorithm.name << " " << error->field << error->message;
    Experiment twice = once;
    error = ResolveExperiment(&twice);
    ASSERT_FALSE(error.has_value()) << algorithm.name << " " << error->field << error->message;
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(once, twice)) << algorithm.name;
  }
}

TEST(ResolveTest, ReplayFollowsFromTheRest) {
  Experiment experiment = Parse(R"(
    environment: "Pendulum-v1" algorithm: "td3" returns { n_step: 3 } learner { batch: 100 }
    exploration { uniform_frames: 500 })");
  ASSERT_FALSE(ResolveExperiment(&experiment).has_value());
  EXPECT_EQ(experiment.topology(), Topology::d4pg);
  ASSERT_EQ(experiment.replay().tables_size(), 1);
  const ReplayTable& table = experiment.replay().tables(0);
  EXPECT_EQ(table.steps(), 3u);
  EXPECT_EQ(table.rate_limit().min_size(), 500u);
  EXPECT_EQ(table.rate_limit().samples_per_insert(), 100);  // a train step for each step
  EXPECT_EQ(experiment.update().policy_rate().value(), experiment.update().rate().value());
  EXPECT_EQ(experiment.exploration().sigma_last(), experiment.exploration().sigma());
}

TEST(ResolveTest, ATableThatIsDescribedInPartKeepsTheAlgorithmsRest) {
  Experiment experiment = Parse(R"(
    environment: "Pendulum-v1" algorithm: "d4pg" replay { tables { name: "x" capacity: 100 } }
    model { critics { v_min: -165 v_max: 0 } })");
  ASSERT_FALSE(ResolveExperiment(&experiment).has_value());
  EXPECT_EQ(experiment.replay().tables(0).sampler(), SelectorConfig::prioritized);
  EXPECT_EQ(experiment.replay().tables(0).priority_exponent(), 1);
  EXPECT_EQ(experiment.loss().priority_beta().value(), 1);  // as the paper has it
}

TEST(ResolveTest, PrioritiesAreCorrectedUnlessAPersonSaysNo) {
  const std::string prioritized =
      "environment: 'Pendulum-v1' algorithm: 'td3' replay { tables { sampler: prioritized } }";
  Experiment experiment = Parse(prioritized);
  ASSERT_FALSE(ResolveExperiment(&experiment).has_value());
  EXPECT_EQ(experiment.loss().priority_beta().value(), 0.4);
  EXPECT_EQ(experiment.loss().priority_beta().final(), 1);
  experiment = Parse(prioritized + " loss { priority_beta { value: 0 } }");
  ASSERT_FALSE(ResolveExperiment(&experiment).has_value());
  EXPECT_EQ(experiment.loss().priority_beta().value(), 0);
}

TEST(ResolveTest, TargetEntropyIsMinusTheActionsSize) {
  Experiment experiment = Parse("environment: 'Pendulum-v1' algorithm: 'sac_auto'");
  ASSERT_FALSE(ResolveExperiment(&experiment).has_value());
  EXPECT_EQ(experiment.loss().target_entropy(), -1);
}

TEST(ResolveTest, WhatReplayCannotDoIsRefused) {
  const struct {
    const char* text;
    const char* field;
  } cases[] = {
      {"environment: 'CartPole-v1' algorithm: 'td3'", "algorithm"},
      {"environment: 'Pendulum-v1' algorithm: 'td3' topology: impala", "topology"},
      {"environment: 'Pendulum-v1' algorithm: 'td3' model { policy: beta }", "model.policy"},
      {"environment: 'Pendulum-v1' algorithm: 'impala' model { policy: deterministic }",
       "model.policy"},
      {"environment: 'Pendulum-v1' algorithm: 'td3' update { epochs: 2 }", "update.epochs"},
      {"environment: 'Pendulum-v1' algorithm: 'td3' model { recurrence {} }", "model.recurrence"},
      {"environment: 'Pendulum-v1' algorithm: 'dpg' model { recurrence {} }", "model.recurrence"},
      {"environment: 'Pendulum-v1' algorithm: 'ddpg' loss { target_noise: 1 }",
       "loss.target_noise"},
      {"environment: 'Pendulum-v1' algorithm: 'td3' learner { lockstep: true }",
       "learner.lockstep"},
      {"environment: 'Pendulum-v1' algorithm: 'td3' returns { n_step: 3 }"
       " replay { tables { name: 'x' steps: 2 } }",
       "replay.tables.steps"},
      {"environment: 'Pendulum-v1' algorithm: 'd4pg' model { critics { atoms: 1 } }",
       "model.critics.atoms"},
      {"environment: 'Pendulum-v1' algorithm: 'd4pg' model { critics { count: 2 v_min: 0 v_max: 1 "
       "} }",
       "model.critics.count"},
      {"environment: 'Pendulum-v1' algorithm: 'td3' model { shared: true }", "model.shared"},
      {"environment: 'Pendulum-v1' algorithm: 'td3' model { normalization { returns: true } }",
       "model.normalization"},
      {"environment: 'Pendulum-v1' algorithm: 'dpg' model { normalization { observations: true } }",
       "model.normalization"},
      {"environment: 'Pendulum-v1' algorithm: 'td3' actors { count: 2 } replay { shards: 3 }",
       "replay.shards"},
      {"environment: 'Pendulum-v1' algorithm: 'd4pg'", "model.critics.v_min"},
      {"environment: 'Pendulum-v1' algorithm: 'd4pg' model { critics { v_min: -9 } }",
       "model.critics.v_max"},
      {"environment: 'Pendulum-v1' algorithm: 'd4pg' model { critics { v_min: 1 v_max: 1 } }",
       "model.critics.v_max"},
  };
  for (const auto& c : cases) {
    Experiment experiment = Parse(c.text);
    const auto error = ResolveExperiment(&experiment);
    ASSERT_TRUE(error.has_value()) << c.text;
    EXPECT_EQ(error->field, c.field) << c.text;
  }
}

TEST(ResolveTest, WhatIsNormalisedIsClipped) {
  Experiment experiment =
      Parse(std::string(kMinimal) + "model { normalization { returns: true } }");
  ASSERT_FALSE(ResolveExperiment(&experiment).has_value());
  EXPECT_TRUE(experiment.model().normalization().returns());
  EXPECT_FALSE(experiment.model().normalization().observations());
  EXPECT_EQ(experiment.model().normalization().clip(), 10);
  experiment = Parse(kMinimal);
  ASSERT_FALSE(ResolveExperiment(&experiment).has_value());
  EXPECT_FALSE(experiment.model().has_normalization());
}

TEST(ResolveTest, AMemoryIsAnLstmUnlessThePersonSaysMore) {
  Experiment experiment = Parse(kMinimal);
  experiment.mutable_model()->mutable_recurrence();
  ASSERT_FALSE(ResolveExperiment(&experiment).has_value());
  EXPECT_EQ(experiment.model().recurrence().cell(), Recurrence::Cell::lstm);
  EXPECT_EQ(experiment.model().recurrence().size(), 64u);
}

TEST(ResolveTest, KeepsWhatThePersonSaid) {
  Experiment experiment = Parse(std::string(kMinimal) + R"(
    model { layers: 8 } update { rmsprop { epsilon: 0.1 } rate { value: 0.5 final: 0.1 } }
    returns { gamma: 0 } seed: 7)");
  ASSERT_FALSE(ResolveExperiment(&experiment).has_value());
  ASSERT_EQ(experiment.model().layers_size(), 1);
  EXPECT_EQ(experiment.model().layers(0), 8u);
  EXPECT_FALSE(experiment.update().has_adam());
  EXPECT_EQ(experiment.update().rmsprop().epsilon(), 0.1);
  EXPECT_EQ(experiment.update().rmsprop().decay(), 0.99);
  EXPECT_EQ(experiment.update().rate().final(), 0.1);
  EXPECT_EQ(experiment.returns().gamma(), 0);
  EXPECT_EQ(experiment.seed(), 7u);
}

TEST(ResolveTest, ActorsThatPushGradientsMakeATrainStepEach) {
  Experiment experiment =
      Parse("environment: 'CartPole-v1' algorithm: 'a3c' actors { count: 3 environments: 8 }");
  const auto error = ResolveExperiment(&experiment);
  ASSERT_FALSE(error.has_value()) << error->field << ": " << error->message;
  EXPECT_EQ(experiment.topology(), Topology::a3c);
  EXPECT_EQ(experiment.learner().batch(), 8U);
  EXPECT_EQ(experiment.learner().max_policy_lag(), 12U);
  EXPECT_EQ(experiment.update().minibatch(), 8U * experiment.actors().unroll());
  EXPECT_FALSE(experiment.learner().lockstep());

  const struct {
    const char* text;
    const char* field;
  } cases[] = {
      {"learner { batch: 16 }", "learner.batch"},
      {"learner { lockstep: true }", "learner.lockstep"},
      {"update { epochs: 2 }", "update.epochs"},
      {"update { minibatch: 8 }", "update.minibatch"},
      {"topology: a2c", "topology"},
      {"algorithm: 'ppo' topology: a3c", "topology"},
      {"algorithm: 'impala' topology: a3c", "topology"},
  };
  for (const auto& c : cases) {
    Experiment bad =
        Parse("environment: 'CartPole-v1' algorithm: 'a3c' actors { environments: 8 unroll: 5 }");
    bad.MergeFrom(Parse(c.text));
    const auto refused = ResolveExperiment(&bad);
    ASSERT_TRUE(refused.has_value()) << c.text;
    EXPECT_EQ(refused->field, c.field) << c.text;
  }
}

struct Bad {
  const char* config;   // added to kMinimal
  const char* field;    // that the error names
  const char* message;  // part of what it says
};

class BadConfigTest : public ::testing::TestWithParam<Bad> {};

TEST_P(BadConfigTest, NamesTheFieldAndWhatIsAllowed) {
  Experiment experiment = Parse(kMinimal);
  experiment.MergeFrom(Parse(GetParam().config));
  const auto error = ResolveExperiment(&experiment);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->field, GetParam().field);
  EXPECT_NE(error->message.find(GetParam().message), std::string::npos) << error->message;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadConfigTest,
    ::testing::Values(
        Bad{R"(environment: "CartPole-v2")", "environment", "CartPole-v1"},
        Bad{"environment_options { length: 5 }", "environment_options.length",
            "CartPole-v1\" has no length"},
        Bad{R"(environment: "TMaze-v0" environment_options { length: 0 })",
            "environment_options.length", "at most 1000"},
        Bad{R"(algorithm: "impalla")", "algorithm", "impala"},
        Bad{"topology: d4pg", "topology", "allowed is impala"},
        Bad{"returns { gamma: 1.5 }", "returns.gamma", "at most 1"},
        Bad{"returns { gamma: nan }", "returns.gamma", "at most 1"},
        Bad{"model { normalization { clip: 0 } }", "model.normalization.clip", "above 0"},
        Bad{"update { rate { value: 0 } }", "update.rate.value", "above 0"},
        Bad{"actors { count: 0 }", "actors.count", "at least 1"},
        Bad{"model { layers: 64 layers: 0 }", "model.layers", "at least 1"},
        Bad{"replay { tables { capacity: 5 } tables { capacity: 0 } }", "replay.tables.capacity",
            "at least 1"},
        Bad{"replay { tables { rate_limit { samples_per_insert: nan } } }",
            "replay.tables.rate_limit.samples_per_insert", "above 0"},
        Bad{"update { adam { beta1: 1 } }", "update.adam.beta1", "at most"},
        Bad{"loss { clip { value: 0.2 } }", "loss.clip", "does not use it"},
        Bad{R"(algorithm: "ppo" returns { clip_rho: 1 })", "returns.clip_rho", "does not use it"},
        Bad{"model { recurrence { size: 0 } }", "model.recurrence.size", "at least 1"},
        Bad{"model { recurrence {} } update { minibatch: 16 }", "update.minibatch",
            "a multiple of actors.unroll, which is 20"},
        Bad{R"(device: "tpu")", "device", "cpu, cuda"},
        Bad{"update { minibatch: 7 }", "update.minibatch", "does not divide"},
        Bad{"target { return: 1 source: evaluator }", "target.source", "every_frames"},
        Bad{"actors { environments: 64 } learner { batch: 8 max_policy_lag: 2 }", "learner.batch",
            "64 at a time"},
        Bad{"learner { lockstep: true }", "learner.lockstep", "max_policy_lag 1"},
        Bad{"learner { lockstep: true max_policy_lag: 1 batch: 16 }", "learner.lockstep",
            "= 64, which is 16"}));

}  // namespace
}  // namespace drover
