#include "agent/distributions/make_distribution.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace drover {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

absl::StatusOr<std::unique_ptr<Distribution>> Make(const Space& space, PolicyHead::Kind head) {
  ModelConfig config;
  config.set_policy(head);
  return MakeDistribution(space, config);
}

void ExpectRefused(const Space& space, PolicyHead::Kind head, const std::string& why) {
  const auto made = Make(space, head);
  ASSERT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument) << why;
  EXPECT_NE(made.status().message().find(why), absl::string_view::npos) << made.status();
}

TEST(MakeDistributionTest, TheSpaceDecidesWhereTheConfigDoesNot) {
  EXPECT_EQ((*Make(Space::Discrete(5), PolicyHead::unspecified))->parameter_count(), 5);
  const auto box = *Make(Space::Box({3}, -1, 1), PolicyHead::unspecified);
  EXPECT_EQ(box->parameter_count(), 6);
  EXPECT_TRUE(box->reparameterized());
}

TEST(MakeDistributionTest, HasTheParametersOfTheHead) {
  const Space box = Space::Box({3}, -1, 1);
  EXPECT_EQ((*Make(box, PolicyHead::deterministic))->parameter_count(), 3);
  EXPECT_EQ((*Make(box, PolicyHead::squashed_gaussian))->parameter_count(), 6);
  EXPECT_EQ((*Make(box, PolicyHead::beta))->parameter_count(), 6);
  EXPECT_EQ((*Make(box, PolicyHead::discretised))->parameter_count(), 33);
  ModelConfig config;
  config.set_policy(PolicyHead::discretised);
  config.set_bins(7);
  EXPECT_EQ((*MakeDistribution(box, config))->parameter_count(), 21);
  config.set_bins(1);
  EXPECT_FALSE(MakeDistribution(box, config).ok());
}

TEST(MakeDistributionTest, RefusesAHeadThatCannotActInTheSpace) {
  for (const auto head : {PolicyHead::gaussian, PolicyHead::squashed_gaussian, PolicyHead::beta,
                          PolicyHead::deterministic, PolicyHead::discretised}) {
    ExpectRefused(Space::Discrete(2), head, "the environment has 2 discrete actions");
  }
  ExpectRefused(Space::Box({1}, -1, 1), PolicyHead::categorical, "actions are numbers");
  const Space half_open = Space::Box({2}, {-1, 0}, {1, kInfinity});
  for (const auto head : {PolicyHead::squashed_gaussian, PolicyHead::beta,
                          PolicyHead::deterministic, PolicyHead::discretised}) {
    ExpectRefused(half_open, head, PolicyHead::Kind_Name(head) + " policy needs finite bounds");
  }
  EXPECT_TRUE(Make(half_open, PolicyHead::gaussian).ok());
  ExpectRefused(Space::Box({2, 2}, -1, 1), PolicyHead::gaussian, "2 axes");
}

}  // namespace
}  // namespace drover
