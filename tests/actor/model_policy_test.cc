#include "actor/model_policy.h"

#include <ATen/Parallel.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/softmax.h>

#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actor/actor_loop.h"
#include "agent/spec.h"
#include "env/registry.h"
#include "gtest/gtest.h"
#include "tests/actor/recorder.h"

namespace drover {
namespace {

// As in an actor: more threads only get in each other's way.
const bool kOneThread = (at::set_num_threads(1), true);

constexpr int64_t kEnvironments = 5;
constexpr int64_t kSteps = 20;
constexpr int64_t kElements = 4;  // of CartPole's observation

EnvironmentSpec CartPole() { return MakeEnvironment("CartPole-v1").value()->spec(); }

// A CartPole policy far from uniform: weights of `seed`, those of the head scaled up.
std::unique_ptr<Model> MakeModel(uint64_t seed) {
  ModelConfig config;
  config.add_layers(16);
  config.set_activation(ModelConfig::Activation::tanh);
  std::unique_ptr<Model> model = Model::Make(config, CartPole(), seed).value();
  float* parameters = model->acting_parameters().data_ptr<float>();
  for (int64_t i = 0; i < model->acting_parameters().numel(); ++i) parameters[i] *= 20;
  return model;
}

std::string Weights(const Model& model) {
  const at::Tensor parameters = model.acting_parameters();
  return std::string(static_cast<const char*>(parameters.data_ptr()), parameters.nbytes());
}

std::vector<float> Observations(uint64_t seed, int64_t rows) {
  Random random({seed});
  std::vector<float> values(static_cast<size_t>(rows * kElements));
  for (float& value : values) value = static_cast<float>(random.Uniform(-1, 1));
  return values;
}

at::Tensor Matrix(std::vector<float>* values) {
  return at::from_blob(values->data(),
                       {static_cast<int64_t>(values->size()) / kElements, kElements});
}

struct Acted {
  std::vector<int32_t> actions = std::vector<int32_t>(kEnvironments);
  std::vector<float> log_probs = std::vector<float>(kEnvironments);
};

Acted Act(ModelPolicy* policy, const std::vector<float>& observations) {
  Acted acted;
  policy->Act(observations.data(), {acted.actions.data(), nullptr}, acted.log_probs.data());
  return acted;
}

TEST(ModelPolicyTest, RecordsTheLogProbabilityOfTheVersionThatActed) {
  // Versions 1 … 9, a new one every 7 steps.
  std::map<uint64_t, std::unique_ptr<Model>> versions;
  for (uint64_t version = 1; version < 10; ++version) versions[version] = MakeModel(version);
  const std::unique_ptr<Model> model = MakeModel(99);
  uint64_t asked = 0;
  WeightCache weights(
      [&](WeightSet* set) {
        if (asked++ % 7 != 0) return false;
        set->header.set_version(asked / 7 + 1);
        set->data = Weights(*versions.at(set->header.version()));
        return true;
      },
      model->acting_parameters());

  const auto environments = MakeVectorEnvironment("CartPole-v1", kEnvironments, {1, 2, 3}).value();
  Experiment experiment;
  experiment.mutable_actors()->set_unroll(kSteps);
  UnrollBuilder builder =
      UnrollBuilder::Make(MakeSpec(experiment, CartPole()), CartPole(), kEnvironments).value();
  ModelPolicy policy(model.get(), &weights, kEnvironments, kElements, ModelPolicy::Mode::kSample,
                     Random({7}));
  Recorder transport(3);
  ActorLoop loop(environments.get(), &policy, &transport, &builder, [] { return false; });
  ASSERT_TRUE(loop.Run().ok());

  for (size_t i = 0; i < 3; ++i) {
    const Unrolls& unrolls = transport.sent[i];
    std::vector<float> observations = Column<float>(unrolls, kObservation);
    std::vector<int32_t> actions = Column<int32_t>(unrolls, kAction);
    const std::vector<float> log_probs = Column<float>(unrolls, kLogProb);
    const at::Tensor all = Matrix(&observations);
    const at::Tensor all_actions =
        at::from_blob(actions.data(), {kSteps * kEnvironments}, at::kInt).to(at::kLong);
    ASSERT_GE(unrolls.versions_size(), 2);
    for (int64_t step = 0; step < kSteps; ++step) {
      const uint64_t version = (i * kSteps + static_cast<uint64_t>(step)) / 7 + 1;
      uint64_t recorded = 0;
      for (const VersionRun& run : unrolls.versions()) {
        if (run.first_step() <= step) recorded = run.version();
      }
      EXPECT_EQ(recorded, version);
      const Model& acted = *versions.at(version);
      const at::Tensor expected = acted.distribution().LogProb(
          acted.Policy(all.narrow(0, step * kEnvironments, kEnvironments)),
          all_actions.narrow(0, step * kEnvironments, kEnvironments));
      for (int64_t e = 0; e < kEnvironments; ++e) {
        EXPECT_NEAR(log_probs[static_cast<size_t>(step * kEnvironments + e)],
                    expected[e].item<float>(), 1e-5);
      }
    }
  }
}

TEST(ModelPolicyTest, ActionsAreAFunctionOfTheNoisesKey) {
  const std::unique_ptr<Model> model = MakeModel(1);
  const std::vector<float> observations = Observations(1, kEnvironments);
  const auto draw = [&](uint64_t key) {
    ModelPolicy policy(model.get(), nullptr, kEnvironments, kElements, ModelPolicy::Mode::kSample,
                       Random({key}));
    std::vector<int32_t> drawn;
    for (int i = 0; i < 20; ++i) {
      const Acted acted = Act(&policy, observations);
      drawn.insert(drawn.end(), acted.actions.begin(), acted.actions.end());
    }
    return drawn;
  };
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
}

TEST(ModelPolicyTest, SamplesAsOftenAsTheDistributionSays) {
  constexpr int kDraws = 4000;
  const std::unique_ptr<Model> model = MakeModel(1);
  std::vector<float> observations = Observations(1, kEnvironments);
  const at::Tensor probability = at::softmax(model->Policy(Matrix(&observations)), 1);
  ModelPolicy policy(model.get(), nullptr, kEnvironments, kElements, ModelPolicy::Mode::kSample,
                     Random({3}));
  std::vector<int> ones(kEnvironments);
  for (int i = 0; i < kDraws; ++i) {
    const Acted acted = Act(&policy, observations);
    for (size_t e = 0; e < kEnvironments; ++e) ones[e] += acted.actions[e];
  }
  for (int64_t e = 0; e < kEnvironments; ++e) {
    const double p = probability[e][1].item<double>();
    EXPECT_NEAR(ones[static_cast<size_t>(e)] / static_cast<double>(kDraws), p,
                5 * std::sqrt(p * (1 - p) / kDraws) + 1e-9);
  }
}

TEST(ModelPolicyTest, GreedyTakesTheMode) {
  const std::unique_ptr<Model> model = MakeModel(1);
  ModelPolicy policy(model.get(), nullptr, kEnvironments, kElements, ModelPolicy::Mode::kGreedy,
                     Random({3}));
  int ones = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<float> observations = Observations(seed, kEnvironments);
    const at::Tensor mode = at::argmax(model->Policy(Matrix(&observations)), 1);
    const Acted acted = Act(&policy, observations);
    for (int64_t e = 0; e < kEnvironments; ++e) {
      EXPECT_EQ(acted.actions[static_cast<size_t>(e)], mode[e].item<int64_t>());
      ones += acted.actions[static_cast<size_t>(e)];
    }
  }
  EXPECT_GT(ones, 0);
  EXPECT_LT(ones, 20 * kEnvironments);
}

TEST(ModelPolicyTest, WithoutNewWeightsNothingChanges) {
  const std::unique_ptr<Model> model = MakeModel(1);
  const std::string before = Weights(*model);
  WeightCache weights([](WeightSet*) { return false; }, model->acting_parameters());
  ModelPolicy policy(model.get(), &weights, kEnvironments, kElements, ModelPolicy::Mode::kSample,
                     Random({3}));
  EXPECT_EQ(policy.Refresh(), 0U);
  Act(&policy, Observations(1, kEnvironments));
  EXPECT_EQ(Weights(*model), before);
}

}  // namespace
}  // namespace drover
