#include "tests/agent/synthetic_batch.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <vector>

#include "agent/resolve.h"
#include "env/environment.h"

namespace drover {

Experiment Resolved(const std::string& text) {
  Experiment config;
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(text, &config)) << text;
  const auto error = ResolveExperiment(&config);
  EXPECT_FALSE(error.has_value()) << error->field << ": " << error->message;
  return config;
}

namespace {

// The policy's parameters at each step, as it acts: its memory empty after each end.
at::Tensor ActedPolicy(const Model& model, const Batch& batch) {
  const at::Tensor acted_on = batch.observation.narrow(0, 0, batch.end.size(0));
  const std::vector<int64_t> rows = {acted_on.size(0), acted_on.size(1), -1};
  if (!batch.state.defined()) return model.Policy(acted_on.flatten(0, 1)).view(rows);
  std::vector<at::Tensor> policy;
  at::Tensor state = batch.state;
  for (int64_t t = 0; t < acted_on.size(0); ++t) {
    policy.push_back(model.Policy(acted_on[t], &state));
    state = state * (batch.end[t] == static_cast<int64_t>(End::kRunning)).unsqueeze(1);
  }
  return at::stack(policy);
}

}  // namespace

std::string Using(const std::string& algorithm) {
  const bool range = algorithm == "d4pg";
  return "algorithm: '" + algorithm + "' " +
         (range ? "model { critics { v_min: -10 v_max: 0 } } " : "");
}

Batch SyntheticBatch(const Model& model, const EnvironmentSpec& environment, int64_t steps,
                     int64_t unrolls) {
  const at::NoGradGuard no_grad;
  const auto observations = [&environment](std::vector<int64_t> sizes) {
    const auto& shape = environment.observation.shape;
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    return at::randn(sizes);
  };
  Batch batch;
  batch.observation = observations({steps + 1, unrolls});
  const at::Tensor acted_on = batch.observation.narrow(0, 0, steps);
  batch.end = at::zeros({steps, unrolls}, at::kByte);
  batch.end[steps / 2][0] = static_cast<int64_t>(End::kTerminated);
  batch.end[steps / 2][unrolls - 1] = static_cast<int64_t>(End::kTruncated);
  if (model.state_elements() > 0) batch.state = at::randn({unrolls, model.state_elements()});
  const at::Tensor policy = ActedPolicy(model, batch);
  const Distribution& distribution = model.distribution();
  batch.action =
      distribution.Sample(policy, at::rand({steps, unrolls, distribution.noise_count()})).action;
  batch.log_prob = distribution.LogProb(policy, batch.action);
  batch.reward = (acted_on.flatten(2).select(2, 0) > 0).to(at::kFloat);
  batch.final_observation = observations({1});
  batch.final_position = at::tensor({(steps / 2 + 1) * unrolls - 1}, at::kLong);
  return batch;
}

}  // namespace drover
