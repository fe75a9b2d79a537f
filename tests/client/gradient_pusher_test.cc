#include "client/gradient_pusher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <future>
#include <thread>
#include <vector>

#include "tests/learner/pushes.h"
#include "tests/support/eventually.h"
#include "tests/support/gradient_server.h"

namespace drover {
namespace {

using testing::Eventually;
using testing::kEpoch;
using testing::kLayout;
using testing::kParameters;
using testing::ParametersOf;

class GradientPusherTest : public ::testing::Test {
 protected:
  // Actor 1, which acts with weights of 1.
  GradientPusher::Options Options() {
    GradientPusher::Options options;
    options.identity = [] { return Identity{"run", 1, kEpoch, 1}; };
    options.learner = [this](std::chrono::milliseconds) { return server_.endpoint(); };
    options.layout = {kLayout, kParameters * sizeof(float)};
    options.stop = [this] { return stop_.load(); };
    return options;
  }

  static PushRequest Gradient(float value, uint64_t version = 1) {
    PushRequest request;
    request.set_version(version);
    request.set_gradient(ParametersOf(value));
    return request;
  }

  static absl::Status Push(GradientPusher* pusher, float value, uint64_t version = 1) {
    PushRequest request = Gradient(value, version);
    return pusher->Push(&request);
  }

  GradientServer server_{testing::PushForm(), std::vector<float>(kParameters, 1)};
  std::atomic<bool> stop_{false};
};

TEST_F(GradientPusherTest, GetsWeightsAndPushes) {
  server_.Serve();
  GradientPusher pusher(Options());
  const auto received = pusher.Begin();
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(*received, 0U);
  WeightSet set;
  ASSERT_TRUE(pusher.Take(&set));
  EXPECT_EQ(set.header.version(), 1U);
  EXPECT_EQ(set.data, ParametersOf(1));
  EXPECT_FALSE(pusher.Take(&set));

  EXPECT_TRUE(Push(&pusher, 0.25).ok());
  ASSERT_TRUE(pusher.Take(&set));
  EXPECT_EQ(set.header.version(), 2U);
  EXPECT_EQ(set.header.trained_frames(), 2 * testing::kFramesAPush);
  EXPECT_EQ(set.data, ParametersOf(0.75));
  EXPECT_EQ(pusher.counters().sent, 1U);
  EXPECT_EQ(pusher.counters().applied, 1U);
  EXPECT_EQ(pusher.counters().lag_sum, 0U);
  EXPECT_FALSE(pusher.over());

  EXPECT_TRUE(Push(&pusher, 0.25, 1).ok());  // at version 2
  EXPECT_TRUE(Push(&pusher, 0.25, 1).ok());
  EXPECT_EQ(pusher.counters().applied, 3U);
  EXPECT_EQ(pusher.counters().lag_sum, 3U);
  EXPECT_EQ(pusher.counters().lag_max, 2U);
}

TEST_F(GradientPusherTest, GoesOnFromWhatTheLearnerHas) {
  server_.Serve(1, {60, {{1, 10}}, 0, {}, 0});
  GradientPusher pusher(Options());
  EXPECT_EQ(*pusher.Begin(), 10U);
  EXPECT_TRUE(Push(&pusher, 0.5).ok());
  EXPECT_EQ(server_.receiver()->totals().last_sequence.at(1), 11U);
  EXPECT_EQ(server_.receiver()->counters().applied, 1U);
}

TEST_F(GradientPusherTest, AGradientWithoutAnAnswerIsAppliedOnce) {
  server_.Serve();
  GradientPusher::Options options = Options();
  options.deadline = std::chrono::milliseconds(100);
  GradientPusher pusher(options);
  ASSERT_TRUE(pusher.Begin().ok());
  server_.Hold(true);
  auto pushed = std::async(std::launch::async, [&] { return Push(&pusher, 0.25); });
  ASSERT_TRUE(Eventually([&] { return pusher.counters().again >= 3; }));
  EXPECT_GT(pusher.counters().wait_current, 0);
  server_.Hold(false);
  EXPECT_TRUE(pushed.get().ok());
  EXPECT_EQ(server_.weights(), std::vector<float>(kParameters, 0.75));
  EXPECT_EQ(server_.receiver()->counters().frames, testing::kFramesAPush);
}

TEST_F(GradientPusherTest, AKilledLearnersSuccessorGetsIt) {
  server_.Serve();
  GradientPusher pusher(Options());
  ASSERT_TRUE(pusher.Begin().ok());
  EXPECT_TRUE(Push(&pusher, 0.25).ok());
  server_.Hold(true);
  auto pushed = std::async(std::launch::async, [&] { return Push(&pusher, 0.25, 2); });
  ASSERT_TRUE(Eventually([&] { return server_.receiver()->counters().pending == 1; }));
  const ReceivedTotals totals = server_.receiver()->totals();
  server_.Kill();
  ASSERT_TRUE(Eventually([&] { return pusher.counters().again > 0; }));
  server_.Serve(3, totals);  // from a checkpoint
  server_.Hold(false);
  EXPECT_TRUE(pushed.get().ok());
  EXPECT_EQ(server_.weights(), std::vector<float>(kParameters, 0.5));
  EXPECT_EQ(server_.receiver()->counters().frames, 2 * testing::kFramesAPush);
}

TEST_F(GradientPusherTest, WhatIsRefusedInBandIsLostAndTheNextGoesOn) {
  server_.Serve(20);
  GradientPusher pusher(Options());
  ASSERT_TRUE(pusher.Begin().ok());
  EXPECT_TRUE(Push(&pusher, std::nanf(""), 20).ok());
  EXPECT_TRUE(Push(&pusher, 0.25, 1).ok());  // too old
  EXPECT_TRUE(Push(&pusher, 0.5, 20).ok());
  EXPECT_EQ(server_.weights(), std::vector<float>(kParameters, 0.5));
  EXPECT_EQ(pusher.counters().rejected, 1U);
  EXPECT_EQ(pusher.counters().too_old, 1U);
  EXPECT_EQ(pusher.counters().applied, 1U);
  EXPECT_EQ(pusher.counters().sent, 3U);
  EXPECT_EQ(server_.receiver()->totals().last_sequence.at(1), 3U);
}

TEST_F(GradientPusherTest, WhatWillNeverFitIsAnEndForGood) {
  server_.Serve();
  GradientPusher pusher(Options());
  ASSERT_TRUE(pusher.Begin().ok());
  PushRequest request = Gradient(1);
  request.set_gradient("1234");
  EXPECT_EQ(pusher.Push(&request).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(GradientPusherTest, ADrainIsTheEnd) {
  server_.Serve();
  GradientPusher pusher(Options());
  ASSERT_TRUE(pusher.Begin().ok());
  server_.receiver()->Drain();
  EXPECT_EQ(Push(&pusher, 1).code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(pusher.over());
  EXPECT_EQ(server_.weights(), std::vector<float>(kParameters, 1));
}

TEST_F(GradientPusherTest, GivesUpWhenToldTo) {
  GradientPusher pusher(Options());  // there is no learner
  auto begun = std::async(std::launch::async, [&] { return pusher.Begin().status(); });
  ASSERT_TRUE(Eventually([&] { return pusher.counters().again > 0; }));
  stop_ = true;
  EXPECT_EQ(begun.get().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace drover
