// The deterministic policy gradient with a compatible critic, where everything is known: a bandit
// whose reward is −(a − 1)².
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/rand.h>
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

class DpgTest : public ::testing::TestWithParam<std::string> {
 protected:
  DpgTest()
      : config_(Resolved(absl::StrCat(
            "environment: 'Pendulum-v1' algorithm: '", GetParam(), "' learner { batch: 64 } ",
            "model { layers: 16 critics { kind: compatible } } ",
            "update { rate { value: 0.02 } policy_rate { value: 0.002 } }"))),
        environment_((*MakeEnvironment(config_.environment()))->spec()),
        model_(*Model::Make(config_.model(), environment_, 1)),
        step_(config_, **FindAlgorithm(GetParam()), model_.get()) {}

  // Actions around the policy's.
  Batch MakeBatch(double spread) const {
    Batch batch = SyntheticBatch(*model_, environment_, 2, 64);
    const at::NoGradGuard no_grad;
    batch.action += spread * (2 * at::rand(batch.action.sizes()) - 1);
    batch.reward = -(batch.action.squeeze(2) - 1).square();
    batch.end.fill_(static_cast<int64_t>(End::kTerminated));
    batch.final_observation = batch.final_observation.narrow(0, 0, 0);
    batch.final_position = batch.final_position.narrow(0, 0, 0);
    return batch;
  }

  at::Tensor Actions(const at::Tensor& x) const {
    return model_->distribution().Reparameterize(model_->Policy(x), {}).action;
  }
  double Return() const {
    const at::NoGradGuard no_grad;
    return -(Actions(MakeBatch(0).observation[0]) - 1).square().mean().item<double>();
  }

  const Experiment config_;
  const EnvironmentSpec environment_;
  const std::unique_ptr<Model> model_;
  TrainStep step_;
};

INSTANTIATE_TEST_SUITE_P(All, DpgTest, ::testing::Values("dpg", "dpg_off"));

TEST_P(DpgTest, LearnsABanditToNinetyPercent) {
  const double first = Return();
  ASSERT_LT(first, -0.3);
  for (uint64_t update = 1; update <= 1500; ++update) step_.Run(MakeBatch(0.5), update, 0);
  EXPECT_GT(Return(), 0.1 * first);  // the optimum is 0
}

}  // namespace
}  // namespace drover
