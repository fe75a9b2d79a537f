// What the oracles leave open; they test the values.
#include "agent/normalization/running_moments.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

// Deltas of several actors, merged in any order, are as if one had seen everything.
TEST(RunningMomentsTest, MergesAsIfOneHadSeenAll) {
  const at::Tensor x = at::randn({1000, 3}, at::kDouble) * 5 + 100;
  RunningMoments all(3);
  all.Add(x);
  RunningMoments merged(3);
  for (const auto& [first, count] : {std::pair{600, 400}, std::pair{0, 10}, std::pair{10, 590}}) {
    RunningMoments delta(3);
    delta.Add(x.narrow(0, first, count / 2));
    delta.Add(x.narrow(0, first + count / 2, count - count / 2));
    merged.Merge(delta);
  }
  EXPECT_EQ(merged.count(), 1000);
  EXPECT_TRUE(merged.mean().allclose(x.mean(0), 1e-12));
  EXPECT_TRUE(merged.Variance().allclose(x.var(0, /*unbiased=*/false), 1e-9));
  EXPECT_TRUE(all.Variance().allclose(merged.Variance(), 1e-9));
}

TEST(RunningMomentsTest, NothingSeenChangesNothing) {
  RunningMoments moments(2);
  moments.Add(at::zeros({0, 2}));
  moments.Merge(RunningMoments(2));
  EXPECT_EQ(moments.count(), 0);
  const at::Tensor x = at::tensor({0.5, -3.0}).view({1, 2});
  EXPECT_TRUE(Normalize(x, moments.mean(), moments.Deviation(), 10).allclose(x, 1e-6));
  EXPECT_EQ(Normalize(x, moments.mean(), moments.Deviation(), 1).min().item<double>(), -1);
}

TEST(RunningMomentsTest, AMessageIsTheSame) {
  RunningMoments moments(3);
  moments.Add(at::randn({50, 3}));
  Moments message;
  moments.Write(&message);
  moments.Write(&message);  // instead of what was in it
  const RunningMoments copy(message);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(copy.State()[i].second.equal(moments.State()[i].second));
  }
}

// A load writes through the views of the state.
TEST(RunningMomentsTest, IsItsState) {
  RunningMoments saved(2, 1e-4);
  saved.Add(at::randn({50, 2}));
  RunningMoments loaded(2);
  const auto views = loaded.State();
  loaded.Add(at::randn({7, 2}));
  for (size_t i = 0; i < views.size(); ++i) {
    EXPECT_EQ(views[i].first, saved.State()[i].first);
    views[i].second.copy_(saved.State()[i].second);
  }
  EXPECT_TRUE(loaded.mean().equal(saved.mean()));
  EXPECT_TRUE(loaded.Deviation().equal(saved.Deviation()));
  EXPECT_EQ(loaded.count(), saved.count());
}

}  // namespace
}  // namespace drover
