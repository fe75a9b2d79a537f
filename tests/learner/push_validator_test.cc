#include "learner/push_validator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/learner/moments.h"
#include "tests/learner/pushes.h"

namespace drover {
namespace {

using testing::Ask;
using testing::MakePush;
using testing::ParametersOf;
using testing::PushForm;

using Change = std::function<void(PushRequest*)>;

void AddStatistics(PushRequest* request, int count) {
  for (int i = 0; i < count; ++i) (*request->mutable_statistics())[std::to_string(i)] = i;
}

TEST(PushValidatorTest, WhatFitsIsTaken) {
  const PushValidator validator(PushForm());
  EXPECT_TRUE(validator.CheckForm(Ask(1)).ok());
  EXPECT_TRUE(validator.CheckForm(MakePush(1, 1, 1)).ok());
  EXPECT_TRUE(PushValidator::CheckFinite(MakePush(1, 1, 1)).ok());
}

TEST(PushValidatorTest, WhatDoesNotIsNot) {
  const std::vector<std::pair<absl::StatusCode, Change>> changes = {
      {absl::StatusCode::kFailedPrecondition, [](PushRequest* r) { r->set_layout_hash(6); }},
      {absl::StatusCode::kInvalidArgument, [](PushRequest* r) { r->set_sequence(0); }},
      {absl::StatusCode::kInvalidArgument, [](PushRequest* r) { r->clear_gradient(); }},
      {absl::StatusCode::kInvalidArgument, [](PushRequest* r) { r->set_gradient("abc"); }},
      {absl::StatusCode::kInvalidArgument,
       [](PushRequest* r) { r->mutable_gradient()->append(4, '\0'); }},
      {absl::StatusCode::kInvalidArgument,
       [](PushRequest* r) { r->mutable_episodes(0)->set_length(0); }},
      {absl::StatusCode::kInvalidArgument,
       [](PushRequest* r) {
         while (r->episodes_size() <= 6) *r->add_episodes() = r->episodes(0);
       }},
      {absl::StatusCode::kInvalidArgument, [](PushRequest* r) { AddStatistics(r, 65); }},
      {absl::StatusCode::kInvalidArgument,
       [](PushRequest* r) { (*r->mutable_statistics())[std::string(65, 'x')] = 1; }},
      {absl::StatusCode::kInvalidArgument,
       [](PushRequest* r) { (*r->mutable_statistics())[""] = 1; }},
  };
  const PushValidator validator(PushForm());
  for (const auto& [code, change] : changes) {
    PushRequest request = MakePush(1, 1, 1);
    change(&request);
    EXPECT_EQ(validator.CheckForm(request).code(), code) << request.DebugString();
  }
}

TEST(PushValidatorTest, MomentsComeWithGradientsOfARunThatNormalises) {
  PushValidator::Options form = PushForm();
  form.moments = testing::kMoments;
  const PushValidator validator(form);
  const PushRequest with = testing::WithMoments(MakePush(1, 1, 1));
  EXPECT_TRUE(validator.CheckForm(with).ok());
  EXPECT_TRUE(PushValidator::CheckFinite(with).ok());
  EXPECT_TRUE(validator.CheckForm(Ask(1)).ok());
  EXPECT_LT(PushValidator(PushForm()).MaxMessageBytes(), validator.MaxMessageBytes());

  PushRequest other = with;
  other.mutable_return_moments()->set_count(5);
  PushRequest seeing = Ask(1);
  seeing.mutable_observation_moments();
  PushRequest rewarded = Ask(1);
  rewarded.mutable_return_moments();
  for (const auto& request : {other, MakePush(1, 1, 1), seeing, rewarded}) {
    EXPECT_TRUE(absl::IsInvalidArgument(validator.CheckForm(request)));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(PushValidator(PushForm()).CheckForm(with)));
  PushRequest infinite = with;
  infinite.mutable_observation_moments()->set_mean(0, std::numeric_limits<double>::infinity());
  EXPECT_FALSE(PushValidator::CheckFinite(infinite).ok());
}

TEST(PushValidatorTest, EveryNumberIsLookedAt) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinite, -infinite}) {
    std::vector<PushRequest> requests(3, MakePush(1, 1, 1));
    const std::string last = testing::ToBytes(std::vector<float>{static_cast<float>(bad)});
    requests[0].mutable_gradient()->replace(8, 4, last);
    requests[1].mutable_episodes(0)->set_return_(bad);
    (*requests[2].mutable_statistics())["entropy"] = bad;
    for (const PushRequest& request : requests) {
      EXPECT_TRUE(PushValidator(PushForm()).CheckForm(request).ok());
      EXPECT_FALSE(PushValidator::CheckFinite(request).ok());
    }
  }
}

TEST(PushValidatorTest, TheLargestThatFitsIsWithinTheLimit) {
  PushRequest request = MakePush(1, ~uint64_t{0}, ~uint64_t{0});
  request.set_member_id(~uint64_t{0});
  request.set_epoch(~uint64_t{0});
  while (request.episodes_size() < 6) *request.add_episodes() = request.episodes(0);
  for (Episode& episode : *request.mutable_episodes()) episode.set_length(~uint64_t{0});
  request.clear_statistics();
  for (int i = 0; i < 64; ++i) {
    (*request.mutable_statistics())[std::string(62, 'x') + std::to_string(10 + i)] = 1;
  }
  const PushValidator validator(PushForm());
  EXPECT_TRUE(validator.CheckForm(request).ok());
  EXPECT_LE(request.ByteSizeLong(), validator.MaxMessageBytes());
}

}  // namespace
}  // namespace drover
