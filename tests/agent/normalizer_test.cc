#include "agent/normalizer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace drover {
namespace {

Normalization Config() {
  Normalization config;
  config.set_observations(true);
  config.set_returns(true);
  config.set_clip(10);
  return config;
}

// A learner's, with the parameters that its model has for it.
struct Learner {
  Learner() { norm.Initialize(); }

  const Parameters parameters{RunningNorm::Specs(Config(), 3), at::kCPU};
  const RunningNorm norm{parameters, Config()};
  Normalizer normalizer{norm};
};

// What actors see: some observations and sums each.
class NormalizerTest : public ::testing::Test {
 protected:
  NormalizerTest() {
    for (const auto& [first, count] : {std::pair{0, 10}, std::pair{10, 590}, std::pair{600, 400}}) {
      RunningMoments observations(3);
      observations.Add(observations_.narrow(0, first, count));
      RunningMoments returns(1);
      returns.Add(returns_.narrow(0, first, count));
      seen_.emplace_back();
      observations.Write(&seen_.back().observations);
      returns.Write(&seen_.back().returns);
    }
  }

  const at::Tensor observations_ = at::randn({1000, 3}, at::kDouble) * 5 + 100;
  const at::Tensor returns_ = at::randn({1000, 1}, at::kDouble) - 3;
  std::vector<SeenMoments> seen_;
};

TEST_F(NormalizerTest, WhatActorsSeeInAnyOrderIsAsIfOneHadSeenAll) {
  do {
    Learner learner;
    for (const SeenMoments& seen : seen_) learner.normalizer.Add({seen});
    const auto like = [](const at::Tensor& x) { return x.to(at::kFloat); };
    const at::Tensor parameters = learner.parameters.values();
    EXPECT_TRUE(parameters.narrow(0, 0, 3).allclose(like(observations_.mean(0)), 1e-6));
    EXPECT_TRUE(parameters.narrow(0, 3, 3).allclose(
        like(observations_.var(0, /*unbiased=*/false).sqrt()), 1e-6));
    EXPECT_TRUE(parameters.narrow(0, 6, 1).allclose(
        like(returns_.var(0, /*unbiased=*/false).sqrt()), 1e-6));
    std::rotate(seen_.begin(), seen_.begin() + 1, seen_.end());
  } while (seen_[0].observations.count() != 10);
}

TEST_F(NormalizerTest, NothingSeenIsNothingDone) {
  Learner learner;
  const at::Tensor before = learner.parameters.values().clone();
  learner.normalizer.Add({});
  learner.normalizer.Add({SeenMoments()});
  EXPECT_TRUE(learner.parameters.values().allclose(before, 0, 1e-6));
}

TEST_F(NormalizerTest, GoesOnFromItsStateExactly) {
  Learner first;
  first.normalizer.Add({seen_[0], seen_[1]});
  Learner resumed;
  const auto state = first.normalizer.State();
  const auto views = resumed.normalizer.State();
  ASSERT_EQ(views.size(), 6U);
  for (size_t i = 0; i < views.size(); ++i) {
    EXPECT_EQ(views[i].first, state[i].first);
    views[i].second.copy_(state[i].second);
  }
  for (Learner* learner : {&first, &resumed}) learner->normalizer.Add({seen_[2]});
  EXPECT_TRUE(at::equal(resumed.parameters.values(), first.parameters.values()));
  for (size_t i = 0; i < views.size(); ++i) {
    EXPECT_TRUE(at::equal(views[i].second, state[i].second)) << views[i].first;
  }
}

}  // namespace
}  // namespace drover
