#include "tests/agent/synthetic_batch.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

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
  const at::Tensor policy = model.Policy(acted_on.flatten(0, 1)).view({steps, unrolls, -1});
  const Distribution& distribution = model.distribution();
  batch.action =
      distribution.Sample(policy, at::rand({steps, unrolls, distribution.noise_count()})).action;
  batch.log_prob = distribution.LogProb(policy, batch.action);
  batch.reward = (acted_on.flatten(2).select(2, 0) > 0).to(at::kFloat);
  batch.end = at::zeros({steps, unrolls}, at::kByte);
  batch.end[steps / 2][0] = static_cast<int64_t>(End::kTerminated);
  batch.end[steps / 2][unrolls - 1] = static_cast<int64_t>(End::kTruncated);
  batch.final_observation = observations({1});
  batch.final_position = at::tensor({(steps / 2 + 1) * unrolls - 1}, at::kLong);
  return batch;
}

}  // namespace drover
