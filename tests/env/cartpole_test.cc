#include "env/cartpole.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "tests/env/recorded.h"

namespace drover {
namespace {

using Observation = std::array<float, 4>;

const nlohmann::json& Recorded() {
  static const auto* recorded = new nlohmann::json(ReadRecorded("cartpole_gymnasium.json"));
  return *recorded;
}

// Equal but for the last bit, which is the platform's sine and cosine's.
void ExpectSame(const Observation& actual, const nlohmann::json& expected) {
  for (size_t i = 0; i < actual.size(); ++i) {
    const auto value = expected.at(i).get<float>();
    EXPECT_GE(actual[i], std::nextafter(value, -std::numeric_limits<float>::infinity())) << i;
    EXPECT_LE(actual[i], std::nextafter(value, std::numeric_limits<float>::infinity())) << i;
  }
}

TEST(CartPoleTest, IsWhatGymnasiumSaysItIs) {
  const CartPole cartpole;
  const EnvironmentSpec& spec = cartpole.spec();
  EXPECT_EQ(spec.id, Recorded().at("id"));
  EXPECT_EQ(spec.max_episode_steps, Recorded().at("max_episode_steps"));
  EXPECT_EQ(spec.reward_threshold, Recorded().at("reward_threshold").get<double>());
  ExpectSameSpace(spec.observation, RecordedSpace(Recorded().at("observation_space")));
  ExpectSameSpace(spec.action, RecordedSpace(Recorded().at("action_space")));
  EXPECT_EQ(Recorded().at("action_space").at("start"), 0);
}

void Replay(const nlohmann::json& episode) {
  CartPole cartpole;
  Random random({1});
  Observation observation{};
  cartpole.Reset(random, observation.data());
  const auto state = episode.at("state").get<std::array<double, 4>>();
  cartpole.set_state({state[0], state[1], state[2], state[3]});

  const nlohmann::json& actions = episode.at("actions");
  for (size_t t = 0; t < actions.size(); ++t) {
    SCOPED_TRACE(testing::Message() << "step " << t);
    Action action;
    action.discrete = actions.at(t).get<int32_t>();
    const StepResult result = cartpole.Step(action, observation.data());
    ExpectSame(observation, episode.at("observations").at(t + 1));
    EXPECT_EQ(result.reward, episode.at("rewards").at(t).get<float>());
    EXPECT_EQ(result.end == End::kTerminated, episode.at("terminated").at(t).get<bool>());
    EXPECT_EQ(result.end == End::kTruncated, episode.at("truncated").at(t).get<bool>());
    ASSERT_FALSE(testing::Test::HasFailure());  // one difference leads to hundreds
  }
}

TEST(CartPoleTest, RepeatsGymnasiumsEpisodes) {
  int terminated = 0;
  int truncated = 0;
  for (const nlohmann::json& episode : Recorded().at("episodes")) {
    SCOPED_TRACE(testing::Message() << "episode " << terminated + truncated);
    ASSERT_NO_FATAL_FAILURE(Replay(episode));
    (episode.at("truncated").back().get<bool>() ? truncated : terminated) += 1;
  }
  EXPECT_GE(terminated, 8);
  EXPECT_GE(truncated, 1);
}

// A start is drawn as Gymnasium's: each number from all of [-0.05, 0.05), and observed rounded.
TEST(CartPoleTest, StartsWhereGymnasiumStarts) {
  CartPole cartpole;
  Random random({2});
  Observation least{};
  Observation most{};
  for (int i = 0; i < 200; ++i) {
    Observation start{};
    cartpole.Reset(random, start.data());
    for (size_t j = 0; j < start.size(); ++j) {
      least[j] = std::min(least[j], start[j]);
      most[j] = std::max(most[j], start[j]);
    }
  }
  for (size_t j = 0; j < least.size(); ++j) {
    EXPECT_NEAR(least[j], Recorded().at("least_start").get<double>(), 0.004);
    EXPECT_NEAR(most[j], Recorded().at("largest_start").get<double>(), 0.004);
    EXPECT_GE(least[j], -0.05F);
    EXPECT_LE(most[j], 0.05F);
  }
}

}  // namespace
}  // namespace drover
