#include "actor/gradient_transport.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "agent/algorithms/table.h"
#include "env/spec.h"
#include "tests/agent/synthetic_batch.h"
#include "tests/learner/pushes.h"
#include "tests/learner/unrolls.h"
#include "tests/support/gradient_server.h"

namespace drover {
namespace {

using testing::kEnvironments;
using testing::kSteps;
using testing::MakeUnrolls;

constexpr char kConfig[] = R"(
  environment: "CartPole-v1" algorithm: "a3c" model { layers: 8 }
  actors { environments: 2 unroll: 3 } update { max_norm: 0.01 } )";

// Of the made-up experience of tests/learner/unrolls.h.
EnvironmentSpec TestEnvironment() {
  EnvironmentSpec spec;
  spec.observation = Space::Box({testing::kObservation}, -1000, 1000);
  spec.action = Space::Discrete(testing::kActions);
  return spec;
}

std::vector<float> Values(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<float>(), tensor.const_data_ptr<float>() + tensor.numel()};
}

class GradientTransportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.emplace(
        PushValidator::Options{model_->layout_hash(), static_cast<size_t>(weights().numel()),
                               testing::kFramesAPush},
        Values((*Model::Make(config_.model(), TestEnvironment(), 2))->parameters().values()));
    server_->Serve(5);
    GradientPusher::Options options;
    options.identity = [] { return Identity{"run", 1, testing::kEpoch, 1}; };
    options.learner = [this](std::chrono::milliseconds) { return server_->endpoint(); };
    options.layout = {model_->layout_hash(), weights().nbytes()};
    options.stop = [] { return false; };
    pusher_.emplace(options);
    ASSERT_TRUE(pusher_->Begin().ok());
    cache_.emplace([this](WeightSet* set) { return pusher_->Take(set); }, weights());
    transport_.emplace(GradientTransport::Parts{&layout_, &view_, &step_, &*cache_, &*pusher_},
                       kEnvironments);
  }

  const at::Tensor& weights() const { return model_->parameters().values(); }

  const Experiment config_ = Resolved(kConfig);
  const UnrollLayout layout_ = *UnrollLayout::Make(testing::TestSpec());
  const BatchView view_ = *BatchView::Make(&layout_, kSteps, at::kCPU);
  const std::unique_ptr<Model> model_ = *Model::Make(config_.model(), TestEnvironment(), 1);
  TrainStep step_{config_, **FindAlgorithm("a3c"), model_.get()};
  std::optional<GradientServer> server_;
  std::optional<GradientPusher> pusher_;
  std::optional<WeightCache> cache_;
  std::optional<GradientTransport> transport_;
};

TEST_F(GradientTransportTest, PushesTheClippedGradientAtTheWeightsThatActed) {
  const std::unique_ptr<Model> twin = *Model::Make(config_.model(), TestEnvironment(), 2);
  TrainStep step(config_, **FindAlgorithm("a3c"), twin.get());
  for (uint64_t version = 5; version <= 7; ++version) {
    ASSERT_TRUE(transport_->AcquireCredits({}).ok());
    ASSERT_TRUE(cache_->Update());
    EXPECT_EQ(cache_->version(), version);
    EXPECT_TRUE(at::equal(weights(), twin->parameters().values()));
    Unrolls unrolls = MakeUnrolls(0, version, static_cast<float>(version));
    testing::Truncate(&unrolls, 1, 0, 3, 21);
    const Unrolls before = unrolls;
    ASSERT_TRUE(transport_->Send(&unrolls).ok());
    EXPECT_EQ(unrolls.sequence(), version - 4);
    EXPECT_EQ(unrolls.episodes_size(), before.episodes_size());

    BatchBuffer buffer(&layout_);
    buffer.Clear(version, kEnvironments);
    buffer.Add(before, kEnvironments, 0, kEnvironments);
    const Batch batch = view_.View(kEnvironments, &buffer.leaves(), &buffer.final_positions());
    const at::Tensor gradient = step.Differentiate(batch, cache_->trained_frames()).values;
    EXPECT_NEAR(gradient.norm().item<double>(), 0.01, 1e-6);
    twin->parameters().values().sub_(gradient);
    EXPECT_EQ(server_->weights(), Values(twin->parameters().values()));
  }
  EXPECT_EQ(pusher_->counters().applied, 3U);
  EXPECT_GT(transport_->gradient_seconds(), 0);
}

TEST_F(GradientTransportTest, ADrainIsTheEnd) {
  ASSERT_TRUE(cache_->Update());
  server_->receiver()->Drain();
  Unrolls unrolls = MakeUnrolls(0, 5);
  EXPECT_EQ(transport_->Send(&unrolls).code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(transport_->over());
  EXPECT_EQ(transport_->AcquireCredits({}).code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace drover
