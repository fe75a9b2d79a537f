#include "common/moments.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <vector>

#include "common/unroll_validator.h"
#include "tests/learner/moments.h"

namespace drover {
namespace {

using testing::kEnvironments;
using testing::kMoments;
using testing::MakeUnrolls;
using testing::WithMoments;
using Change = std::function<void(Unrolls*)>;

constexpr size_t kCount = testing::kSteps * kEnvironments;

TEST(MomentsTest, AreOfWhatTheRunNormalises) {
  Normalization config;
  EXPECT_EQ(MomentsSizesOf(config, 3).observations, 0U);
  EXPECT_EQ(MomentsSizesOf(config, 3).returns, 0U);
  config.set_observations(true);
  EXPECT_EQ(MomentsSizesOf(config, 3).observations, 3U);
  EXPECT_EQ(MomentsSizesOf(config, 3).returns, 0U);
  config.set_returns(true);
  EXPECT_EQ(MomentsSizesOf(config, 3).returns, 1U);
}

TEST(MomentsTest, ThoseThatFitAreTaken) {
  const Unrolls with = WithMoments(MakeUnrolls(1, 1));
  EXPECT_TRUE(CheckMoments(with, kMoments, kCount).ok());
  EXPECT_TRUE(CheckMomentsFinite(with).ok());
  EXPECT_TRUE(CheckMoments(MakeUnrolls(1, 1), MomentsSizes(), kCount).ok());
  EXPECT_EQ(SeenIn(with).observations.mean(1), 2);
  EXPECT_EQ(SeenIn(with).returns.mean(0), -1);
}

TEST(MomentsTest, ThoseThatDoNotAreNot) {
  const std::vector<Change> changes = {
      [](Unrolls* u) { u->clear_observation_moments(); },
      [](Unrolls* u) { u->clear_return_moments(); },
      [](Unrolls* u) { u->mutable_observation_moments()->clear_mean(); },
      [](Unrolls* u) { u->mutable_observation_moments()->add_m2(1); },
      [](Unrolls* u) {
        u->mutable_return_moments()->add_mean(1);
        u->mutable_return_moments()->add_m2(1);
      },
      [](Unrolls* u) { u->mutable_observation_moments()->set_count(kCount - 1); },
      [](Unrolls* u) { u->mutable_return_moments()->set_count(0); },
      [](Unrolls* u) { u->mutable_observation_moments()->set_m2(1, -1e-9); },
  };
  const UnrollValidator validator(*UnrollLayout::Make(testing::TestSpec()), testing::kActions, 0,
                                  kMoments);
  for (const Change& change : changes) {
    Unrolls unrolls = WithMoments(MakeUnrolls(1, 1));
    ASSERT_TRUE(validator.CheckForm(unrolls, kEnvironments, 1).ok());
    change(&unrolls);
    EXPECT_TRUE(absl::IsInvalidArgument(CheckMoments(unrolls, kMoments, kCount)));
    EXPECT_TRUE(absl::IsInvalidArgument(validator.CheckForm(unrolls, kEnvironments, 1)));
  }
  // A run that does not normalise has none.
  EXPECT_FALSE(CheckMoments(WithMoments(MakeUnrolls(1, 1)), MomentsSizes(), kCount).ok());
}

TEST(MomentsTest, EveryNumberIsLookedAt) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  const std::vector<Change> changes = {
      [](Unrolls* u) {
        u->mutable_observation_moments()->set_mean(1, std::numeric_limits<double>::quiet_NaN());
      },
      [](Unrolls* u) {
        u->mutable_observation_moments()->set_m2(0, std::numeric_limits<double>::quiet_NaN());
      },
      [](Unrolls* u) {
        u->mutable_return_moments()->set_mean(0, -std::numeric_limits<double>::infinity());
      },
      [](Unrolls* u) {
        u->mutable_return_moments()->set_m2(0, std::numeric_limits<double>::infinity());
      },
      // Finite, but what it merges to might not be.
      [](Unrolls* u) { u->mutable_observation_moments()->set_mean(0, 2 * kLargest); },
      [](Unrolls* u) { u->mutable_return_moments()->set_m2(0, 1e300); },
  };
  const UnrollValidator validator(*UnrollLayout::Make(testing::TestSpec()), testing::kActions, 0,
                                  kMoments);
  for (const Change& change : changes) {
    Unrolls unrolls = WithMoments(MakeUnrolls(1, 1));
    EXPECT_TRUE(validator.CheckFinite(unrolls).ok());
    change(&unrolls);
    EXPECT_TRUE(validator.CheckForm(unrolls, kEnvironments, 1).ok());
    EXPECT_FALSE(CheckMomentsFinite(unrolls).ok());
    EXPECT_FALSE(validator.CheckFinite(unrolls).ok());
  }
  Unrolls largest = WithMoments(MakeUnrolls(1, 1));
  largest.mutable_observation_moments()->set_mean(0, -kLargest);
  largest.mutable_observation_moments()->set_m2(0, 0);
  EXPECT_TRUE(CheckMomentsFinite(largest).ok());
}

TEST(MomentsTest, NoneAreLargerThanTheySay) {
  for (const size_t size : {size_t{1}, size_t{1000}}) {
    Unrolls unrolls;
    testing::SetMoments(size, 1, 1, unrolls.mutable_observation_moments());
    testing::SetMoments(1, 1, 1, unrolls.mutable_return_moments());
    EXPECT_LE(unrolls.ByteSizeLong(), (MomentsSizes{size, 1}.MaxBytes()));
  }
}

}  // namespace
}  // namespace drover
