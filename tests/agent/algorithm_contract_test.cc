// What holds for every algorithm that `drover list algorithms` prints.
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "agent/algorithms/table.h"
#include "agent/train_step.h"
#include "env/registry.h"
#include "tests/agent/synthetic_batch.h"

namespace drover {
namespace {

bool Replays(const Algorithm& algorithm) { return algorithm.phases.front().replay_loss != nullptr; }

// In which it can act as it comes.
std::vector<EnvironmentSpec> Environments(const Algorithm& algorithm) {
  std::vector<EnvironmentSpec> specs;
  for (const std::string& id : ListEnvironments()) {
    const EnvironmentSpec spec = (*MakeEnvironment(id))->spec();
    const bool continuous = Replays(algorithm);
    const bool discrete =
        algorithm.policies == std::vector<PolicyHead::Kind>{PolicyHead::categorical};
    if (spec.action.discrete() ? !continuous : !discrete) specs.push_back(spec);
  }
  return specs;
}

TEST(AlgorithmTableTest, NamesAreUniqueAndFound) {
  std::set<std::string> names;
  for (const Algorithm& algorithm : Algorithms()) {
    EXPECT_TRUE(names.insert(algorithm.name).second) << algorithm.name;
    EXPECT_EQ(*FindAlgorithm(algorithm.name), &algorithm);
    EXPECT_FALSE(algorithm.summary.empty()) << algorithm.name;
    EXPECT_FALSE(algorithm.topologies.empty()) << algorithm.name;
  }
  const auto missing = FindAlgorithm("impalla");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(missing.status().message().find("impala"), std::string::npos);
}

class AlgorithmContractTest : public ::testing::TestWithParam<std::tuple<std::string, bool>> {};

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const Algorithm& algorithm : Algorithms()) names.push_back(algorithm.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, AlgorithmContractTest,
                         ::testing::Combine(::testing::ValuesIn(Names()), ::testing::Bool()),
                         [](const auto& info) {
                           return std::get<0>(info.param) +
                                  (std::get<1>(info.param) ? "Shared" : "Separate");
                         });

TEST_P(AlgorithmContractTest, OneTrainStepMovesTheWeightsAndReportsFiniteNumbers) {
  const auto& [name, shared] = GetParam();
  const Algorithm& algorithm = **FindAlgorithm(name);
  if (shared && Replays(algorithm)) GTEST_SKIP() << "its networks share nothing";
  const auto environments = Environments(algorithm);
  ASSERT_FALSE(environments.empty());
  for (const EnvironmentSpec& environment : environments) {
    SCOPED_TRACE(environment.id);
    const Experiment config =
        Resolved(absl::StrCat("environment: '", environment.id, "' ", Using(name),
                              "actors { count: 1 environments: 16 unroll: 8 } learner { batch: "
                              "16 } model { layers: 16 shared: ",
                              shared, " }"));
    const auto model = *Model::Make(config.model(), environment, config.seed());
    TrainStep step(config, algorithm, model.get());
    const at::Tensor before = model->parameters().values().clone();
    const at::Tensor acting = model->acting_parameters().clone();

    const uint64_t update = std::max(1U, config.update().policy_every());  // all phases are due
    const Statistics statistics =
        step.Run(SyntheticBatch(*model, environment, 8, 16), update, /*trained_frames=*/0);
    EXPECT_FALSE(model->parameters().values().equal(before));
    EXPECT_FALSE(model->acting_parameters().equal(acting));
    for (const auto& [statistic, value] : statistics) {
      EXPECT_TRUE(std::isfinite(value)) << statistic << " is " << value;
    }
    for (const Phase& phase : algorithm.phases) {
      if (model->range(phase.group).size == 0) continue;
      const std::string prefix = algorithm.phases.size() > 1 ? phase.name + "_" : "";
      EXPECT_EQ(statistics.count(prefix + "loss"), 1u) << prefix;
      EXPECT_EQ(statistics.count(prefix + "gradient_norm"), 1u) << prefix;
    }
    EXPECT_EQ(statistics.count("rate"), 1u);
    EXPECT_EQ(statistics.at("skipped"), 0);
  }
}

TEST_P(AlgorithmContractTest, OnUnrollsItTrainsAMemoryToo) {
  const auto& [name, shared] = GetParam();
  const Algorithm& algorithm = **FindAlgorithm(name);
  if (Replays(algorithm)) GTEST_SKIP() << "it learns from single steps";
  for (const char* cell : {"lstm", "gru"}) {
    SCOPED_TRACE(cell);
    const Experiment config =
        Resolved(absl::StrCat("environment: 'TMaze-v0' algorithm: '", name,
                              "' actors { count: 1 environments: 16 unroll: 8 } learner { batch: "
                              "16 } model { layers: 16 recurrence { cell: ",
                              cell, " size: 8 } shared: ", shared, " }"));
    const EnvironmentSpec environment = (*MakeEnvironment("TMaze-v0"))->spec();
    const auto model = *Model::Make(config.model(), environment, config.seed());
    TrainStep step(config, algorithm, model.get());
    const std::unique_ptr<Model> before = model->Clone();
    EXPECT_EQ(step.Run(SyntheticBatch(*model, environment, 8, 16), 1, 0).at("skipped"), 0);
    int memories = 0;
    for (const auto& [parameter, values] : model->parameters().Named()) {
      EXPECT_TRUE(values.isfinite().all().item<bool>()) << parameter;
      EXPECT_FALSE(values.equal(before->parameters().Get(parameter))) << parameter;
      memories += parameter.find(".memory.recurrent.0.weight") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(memories, shared ? 1 : 2);
  }
}

}  // namespace
}  // namespace drover
