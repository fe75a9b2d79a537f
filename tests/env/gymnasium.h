#ifndef DROVER_TESTS_ENV_GYMNASIUM_H_
#define DROVER_TESTS_ENV_GYMNASIUM_H_

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "env/environment.h"
#include "gtest/gtest.h"
#include "tests/env/recorded.h"

// Compares a native environment with the recording that record_gymnasium.py made of it. `Native`
// has State and set_state; `make_state` makes a State of the numbers that Gymnasium keeps.
namespace drover {

// Equal but for the last bit, which is the platform's sine and cosine's.
inline void ExpectSame(const std::vector<float>& actual, const nlohmann::json& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    const auto value = expected.at(i).get<float>();
    const float bit =
        std::nextafter(std::abs(value), std::numeric_limits<float>::infinity()) - std::abs(value);
    EXPECT_NEAR(actual[i], value, std::max(bit, 1e-12F)) << i;
  }
}

inline void ExpectSameSpec(const EnvironmentSpec& spec, const nlohmann::json& recorded) {
  EXPECT_EQ(spec.id, recorded.at("id"));
  EXPECT_EQ(spec.max_episode_steps, recorded.at("max_episode_steps"));
  const nlohmann::json& threshold = recorded.at("reward_threshold");
  EXPECT_EQ(spec.reward_threshold.has_value(), !threshold.is_null());
  if (!threshold.is_null()) {
    EXPECT_EQ(spec.reward_threshold, threshold.get<double>());
  }
  ExpectSameSpace(spec.observation, RecordedSpace(recorded.at("observation_space")));
  ExpectSameSpace(spec.action, RecordedSpace(recorded.at("action_space")));
  EXPECT_EQ(recorded.at("action_space").value("start", 0), 0);
}

template <typename Native>
using MakeState = std::function<typename Native::State(const std::vector<double>&)>;

// Acts as recorded, from the recorded states: the first and each `every` steps after it.
template <typename Native>
void ReplayEpisode(const nlohmann::json& episode, size_t every, const MakeState<Native>& state) {
  Native environment;
  Random random({1});
  const EnvironmentSpec& spec = environment.spec();
  std::vector<float> observation(static_cast<size_t>(spec.observation.elements()));
  environment.Reset(random, observation.data());
  const nlohmann::json& actions = episode.at("actions");
  for (size_t t = 0; t < actions.size(); ++t) {
    SCOPED_TRACE(testing::Message() << "step " << t);
    if (t % every == 0) environment.set_state(state(episode.at("states").at(t / every)));
    Action action;
    const float continuous = actions.at(t).get<float>();
    if (spec.action.discrete()) action.discrete = actions.at(t).get<int32_t>();
    action.continuous = &continuous;
    const StepResult result = environment.Step(action, observation.data());
    ExpectSame(observation, episode.at("observations").at(t + 1));
    ExpectSame({result.reward}, nlohmann::json::array({episode.at("rewards").at(t)}));
    EXPECT_EQ(result.end == End::kTerminated, episode.at("terminated").at(t).get<bool>());
    EXPECT_EQ(result.end == End::kTruncated, episode.at("truncated").at(t).get<bool>());
    ASSERT_FALSE(::testing::Test::HasFailure());  // one difference leads to hundreds
  }
}

template <typename Native>
void ExpectRepeatsEpisodes(const nlohmann::json& recorded, const MakeState<Native>& state,
                           int terminated, int truncated) {
  const auto every = recorded.at("states_every").get<size_t>();
  for (const nlohmann::json& episode : recorded.at("episodes")) {
    SCOPED_TRACE(testing::Message() << terminated + truncated << " episodes before the last");
    ASSERT_NO_FATAL_FAILURE(ReplayEpisode<Native>(episode, every, state));
    (episode.at("truncated").back().template get<bool>() ? truncated : terminated) -= 1;
  }
  EXPECT_EQ(terminated, 0);
  EXPECT_EQ(truncated, 0);
}

// A start is drawn as Gymnasium's: the least and the largest of 200 lie in the same places.
template <typename Native>
void ExpectSameStarts(const nlohmann::json& recorded, double tolerance) {
  Native environment;
  Random random({2});
  const auto elements = static_cast<size_t>(environment.spec().observation.elements());
  std::vector<float> start(elements);
  std::vector<float> least(elements, std::numeric_limits<float>::infinity());
  std::vector<float> largest(elements, -std::numeric_limits<float>::infinity());
  for (int i = 0; i < 200; ++i) {
    environment.Reset(random, start.data());
    for (size_t j = 0; j < elements; ++j) {
      least[j] = std::min(least[j], start[j]);
      largest[j] = std::max(largest[j], start[j]);
    }
  }
  for (size_t j = 0; j < elements; ++j) {
    EXPECT_NEAR(least[j], recorded.at("least_start").at(j).get<double>(), tolerance) << j;
    EXPECT_NEAR(largest[j], recorded.at("largest_start").at(j).get<double>(), tolerance) << j;
  }
}

}  // namespace drover

#endif  // DROVER_TESTS_ENV_GYMNASIUM_H_
