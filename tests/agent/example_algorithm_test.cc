// The algorithm that CONTRIBUTING.md adds as its example, whole and running.
#include <gtest/gtest.h>

#include <memory>

#include "agent/algorithms/ppo.h"
#include "agent/coefficient/schedule.h"
#include "agent/losses/policy_losses.h"
#include "agent/losses/reduction.h"
#include "agent/train_step.h"
#include "env/registry.h"
#include "tests/agent/synthetic_batch.h"

namespace drover {
namespace {

constexpr char kA2cSettings[] = "returns { lambda: 1 } update { epochs: 1 }";

LossTerms A2cLoss(const LossInput& in) {
  const Loss& config = in.context.config.loss();
  const Reduce reduce(config.reduction());
  const at::Tensor log_prob = in.context.distribution.LogProb(in.policy, in.action);
  LossTerms terms;
  terms.Add("policy_loss", reduce(PolicyGradientLoss(log_prob, in.targets.at("advantage"))));
  terms.Add("value_loss", reduce(ValueLoss(in.value, in.targets.at("value"))),
            config.value_coefficient());
  terms.Add("entropy", reduce(in.context.distribution.Entropy(in.policy)),
            -ValueAt(config.entropy(), in.context.trained_frames));
  return terms;
}

Algorithm A2c() {
  Algorithm algorithm = Ppo();  // its topologies, settings and GAE targets
  algorithm.name = "a2c";
  algorithm.summary = "synchronous advantage actor-critic (Mnih et al. 2016)";
  algorithm.defaults.emplace_back(kA2cSettings);
  algorithm.phases.front().loss = A2cLoss;
  return algorithm;
}

// One pass over the whole batch, raw advantages.
constexpr char kConfig[] = R"(
  environment: "CartPole-v1" algorithm: "ppo" actors { unroll: 5 } learner { batch: 16 }
  loss { normalize_advantages: false } update { epochs: 1 minibatch: 80 })";

TEST(ExampleAlgorithmTest, IsPpoWithOneEpochAndOneMinibatchOnPolicy) {
  const Experiment config = Resolved(kConfig);
  const EnvironmentSpec environment = (*MakeEnvironment(config.environment()))->spec();
  const auto model = *Model::Make(config.model(), environment, 1);
  const auto twin = *Model::Make(config.model(), environment, 1);
  const at::Tensor before = model->parameters().values().clone();
  const Batch batch = SyntheticBatch(*model, environment, 5, 16);

  const Algorithm a2c = A2c();
  const Algorithm ppo = Ppo();
  TrainStep(config, a2c, model.get()).Run(batch, 1, 0);
  TrainStep(config, ppo, twin.get()).Run(batch, 1, 0);
  EXPECT_FALSE(before.equal(model->parameters().values()));
  EXPECT_TRUE(model->parameters().values().allclose(twin->parameters().values(), 1e-4, 1e-6));
}

}  // namespace
}  // namespace drover
