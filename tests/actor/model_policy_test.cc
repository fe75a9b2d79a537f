#include "actor/model_policy.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/softmax.h>
#include <c10/core/InferenceMode.h>

#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actor/actor_loop.h"
#include "agent/batch_view.h"
#include "agent/forward.h"
#include "agent/spec.h"
#include "common/batch_buffer.h"
#include "common/unroll_layout.h"
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

// A policy with a memory, whose weights make it matter, acting in a loop of its own.
class MemoryTest : public ::testing::TestWithParam<Recurrence::Cell::Kind> {
 protected:
  MemoryTest() : model_(MakeModel()), maze_(MakeEnvironment("TMaze-v0").value()->spec()) {
    environments_ = MakeVectorEnvironment("TMaze-v0", kEnvironments, {1, 2, 3}).value();
    policy_ = MakePolicy();
  }

  static Experiment Config() {
    Experiment experiment;
    experiment.mutable_actors()->set_unroll(kSteps);
    ModelConfig* config = experiment.mutable_model();
    config->add_layers(16);
    config->set_activation(ModelConfig::Activation::tanh);
    config->mutable_recurrence()->set_cell(GetParam());
    config->mutable_recurrence()->set_size(4);
    return experiment;
  }

  static std::unique_ptr<Model> MakeModel() {
    std::unique_ptr<Model> model =
        Model::Make(Config().model(), MakeEnvironment("TMaze-v0").value()->spec(), 1).value();
    const c10::InferenceMode no_gradients;
    model->parameters().values().mul_(4);
    return model;
  }

  std::unique_ptr<ModelPolicy> MakePolicy() const {
    return std::make_unique<ModelPolicy>(model_.get(), nullptr, kEnvironments,
                                         maze_.observation.elements(), ModelPolicy::Mode::kSample,
                                         Random({7}));
  }

  std::vector<Unrolls> Record(size_t unrolls, bool whole_episodes) {
    UnrollBuilder builder = UnrollBuilder::Make(MakeSpec(Config(), maze_), maze_, kEnvironments,
                                                model_->state_elements())
                                .value();
    Recorder transport(unrolls);
    ActorLoop loop(
        environments_.get(), policy_.get(), &transport, &builder, [] { return false; },
        whole_episodes);
    EXPECT_TRUE(loop.Run().ok());
    return transport.sent;
  }

  const std::unique_ptr<Model> model_;
  const EnvironmentSpec maze_;
  std::unique_ptr<VectorEnvironment> environments_;
  std::unique_ptr<ModelPolicy> policy_;
};
INSTANTIATE_TEST_SUITE_P(Cells, MemoryTest,
                         ::testing::Values(Recurrence::Cell::lstm, Recurrence::Cell::gru),
                         [](const auto& info) { return Recurrence::Cell::Kind_Name(info.param); });

// From environment to train step: μ as it was recorded is π of the batch.
TEST_P(MemoryTest, AnUnrollTakesAlongWhatItsFirstStepRemembers) {
  const UnrollLayout layout = UnrollLayout::Make(MakeSpec(Config(), maze_)).value();
  const BatchView view = BatchView::Make(&layout, kSteps, at::kCPU).value();
  int ends = 0;
  int finals = 0;
  for (const Unrolls& unrolls : Record(6, false)) {
    BatchBuffer buffer(&layout);
    buffer.Clear(0, kEnvironments);
    buffer.Add(unrolls, kEnvironments, 0, kEnvironments);
    const Batch batch = view.View(kEnvironments, &buffer.leaves(), &buffer.final_positions());
    const at::Tensor policy = ForwardBatch(*model_, batch).policy;
    const at::Tensor log_prob = model_->distribution().LogProb(policy, batch.action);
    EXPECT_LT((log_prob - batch.log_prob).abs().max().item<double>(), 1e-5);
    ends += unrolls.episodes_size();
    finals += unrolls.finals_size();
  }
  EXPECT_GT(ends - finals, 0);
  EXPECT_GT(finals, 0);
}

TEST_P(MemoryTest, WholeEpisodesStartWithNothing) {
  for (const Unrolls& unrolls : Record(3, true)) {
    const std::vector<float> state = Column<float>(unrolls, kState);
    ASSERT_EQ(state.size(), static_cast<size_t>(kEnvironments * model_->state_elements()));
    for (const float number : state) EXPECT_EQ(number, 0);
  }
}

TEST_P(MemoryTest, AnEpisodesEndEmptiesItsEnvironmentsAlone) {
  Record(1, false);
  const auto elements = static_cast<size_t>(model_->state_elements());
  const std::vector<float> before(policy_->state(), policy_->state() + kEnvironments * elements);
  policy_->Forget(2);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(policy_->state()[i], i / elements == 2 ? 0 : before[i]) << i;
  }
}

TEST_P(MemoryTest, GoesOnWithWhatWasSaved) {
  Record(1, false);
  Archive saved;
  policy_->SaveOrRestore(&saved);
  const std::unique_ptr<ModelPolicy> other = MakePolicy();
  Archive archive(saved.bytes());
  other->SaveOrRestore(&archive);
  ASSERT_TRUE(archive.Finish().ok());
  std::vector<float> observation(static_cast<size_t>(kEnvironments * 3), 0.5F);
  for (int step = 0; step < 10; ++step) {
    Acted one;
    Acted same;
    policy_->Act(observation.data(), {one.actions.data(), nullptr}, one.log_probs.data());
    other->Act(observation.data(), {same.actions.data(), nullptr}, same.log_probs.data());
    EXPECT_EQ(one.actions, same.actions);
    EXPECT_EQ(one.log_probs, same.log_probs);
  }
}

}  // namespace
}  // namespace drover
