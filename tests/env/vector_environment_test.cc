#include "env/vector_environment.h"

#include <array>
#include <memory>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "tests/env/counter.h"

namespace drover {
namespace {

constexpr size_t kCopies = 3;
constexpr size_t kElements = 3;  // of a Counter's observation: tag, step, sum

VectorEnvironment MakeCounters(const Space& action, double goal, int64_t max_episode_steps,
                               const EpisodeKey& key) {
  std::vector<std::unique_ptr<Environment>> copies;
  copies.reserve(kCopies);
  for (size_t i = 0; i < kCopies; ++i) {
    copies.push_back(std::make_unique<Counter>(action, goal, max_episode_steps));
  }
  return VectorEnvironment(std::move(copies), key);
}

struct Row {
  std::array<float, kCopies * kElements> observations{};
  std::array<float, kCopies> rewards{};
  std::array<uint8_t, kCopies> ends{};

  float Tag(size_t copy) const { return observations[copy * kElements]; }
  float Steps(size_t copy) const { return observations[copy * kElements + 1]; }
  float Sum(size_t copy) const { return observations[copy * kElements + 2]; }
};

Row StepAll(VectorEnvironment& environments, const std::array<int32_t, kCopies>& numbers) {
  Row row;
  Actions actions;
  actions.discrete = numbers.data();
  environments.Step(actions, row.observations.data(), row.rewards.data(), row.ends.data());
  return row;
}

TEST(VectorEnvironmentTest, StepsEachCopyWithItsOwnAction) {
  VectorEnvironment environments = MakeCounters(Space::Discrete(4), 100, 0, {});
  EXPECT_EQ(static_cast<size_t>(environments.size()), kCopies);
  Row first;
  environments.Reset(first.observations.data());
  StepAll(environments, {1, 2, 3});
  const Row row = StepAll(environments, {0, 1, 2});
  EXPECT_EQ(row.rewards, (std::array<float, kCopies>{0, 1, 2}));
  for (size_t i = 0; i < kCopies; ++i) {
    EXPECT_EQ(row.Tag(i), first.Tag(i));
    EXPECT_EQ(row.Steps(i), 2);
    EXPECT_EQ(row.Sum(i), static_cast<float>(1 + 2 * i));
    EXPECT_EQ(environments.episode_step(static_cast<int>(i)), 2);
  }
  EXPECT_TRUE(environments.finished().empty());
}

TEST(VectorEnvironmentTest, StepsWithContinuousActions) {
  VectorEnvironment environments = MakeCounters(Space::Box({2}, -1, 1), 100, 0, {});
  Row row;
  environments.Reset(row.observations.data());
  const std::array<float, kCopies* 2> numbers = {1, 2, 3, 4, 5, 6};
  Actions actions;
  actions.continuous = numbers.data();
  environments.Step(actions, row.observations.data(), row.rewards.data(), row.ends.data());
  EXPECT_EQ(row.rewards, (std::array<float, kCopies>{1, 3, 5}));
  EXPECT_EQ(row.Sum(0), 3);
  EXPECT_EQ(row.Sum(2), 11);
}

TEST(VectorEnvironmentTest, StartsOverAndKeepsTheFinalObservation) {
  VectorEnvironment environments = MakeCounters(Space::Discrete(4), 4, 3, {});
  Row first;
  environments.Reset(first.observations.data());
  StepAll(environments, {1, 0, 0});
  const Row running = StepAll(environments, {1, 0, 1});
  EXPECT_EQ(running.ends, (std::array<uint8_t, kCopies>{0, 0, 0}));
  const Row row = StepAll(environments, {2, 0, 3});  // 4: reached; 0: three steps; 4: both at once
  EXPECT_EQ(row.ends, (std::array<uint8_t, kCopies>{1, 2, 1}));
  EXPECT_EQ(row.rewards, (std::array<float, kCopies>{2, 0, 3}));

  ASSERT_EQ(environments.finished().size(), 3U);
  const std::array<float, kCopies> sums = {4, 0, 4};
  for (size_t i = 0; i < kCopies; ++i) {
    SCOPED_TRACE(i);
    const FinishedEpisode& episode = environments.finished()[i];
    const float sum = sums[i];
    EXPECT_EQ(static_cast<size_t>(episode.environment), i);
    EXPECT_EQ(static_cast<uint8_t>(episode.end), row.ends[i]);
    EXPECT_EQ(episode.episode_return, sum);
    EXPECT_EQ(episode.length, 3);
    EXPECT_EQ(episode.final_observation[0], first.Tag(i));
    EXPECT_EQ(episode.final_observation[1], 3);
    EXPECT_EQ(episode.final_observation[2], sum);
    EXPECT_NE(row.Tag(i), first.Tag(i));  // another episode
    EXPECT_EQ(row.Steps(i), 0);
    EXPECT_EQ(row.Sum(i), 0);
    EXPECT_EQ(environments.episode_step(static_cast<int>(i)), 0);
  }
}

// Only the copies that ended are listed, and returns do not leak into the next episode.
TEST(VectorEnvironmentTest, FinishedIsSparseAndOfTheLastStep) {
  VectorEnvironment environments = MakeCounters(Space::Discrete(4), 3, 0, {});
  Row row;
  environments.Reset(row.observations.data());
  StepAll(environments, {0, 3, 1});
  ASSERT_EQ(environments.finished().size(), 1U);
  EXPECT_EQ(environments.finished()[0].environment, 1);
  StepAll(environments, {0, 2, 0});
  EXPECT_TRUE(environments.finished().empty());
  row = StepAll(environments, {0, 3, 2});
  ASSERT_EQ(environments.finished().size(), 2U);
  EXPECT_EQ(environments.finished()[0].environment, 1);
  EXPECT_EQ(environments.finished()[0].episode_return, 5);
  EXPECT_EQ(environments.finished()[0].length, 2);
  EXPECT_EQ(environments.finished()[1].environment, 2);
  EXPECT_EQ(environments.finished()[1].episode_return, 3);
  EXPECT_EQ(environments.finished()[1].length, 3);
  EXPECT_EQ(row.Steps(0), 3);
  environments.Reset(row.observations.data());
  EXPECT_TRUE(environments.finished().empty());
  StepAll(environments, {3, 0, 0});
  EXPECT_EQ(environments.finished()[0].episode_return, 3);
  EXPECT_EQ(environments.finished()[0].length, 1);
}

// No two episodes alike: not those of a copy, not those of copies, actors, seeds or restarts.
TEST(VectorEnvironmentTest, EachKeyPlaysItsOwnEpisodes) {
  const std::vector<EpisodeKey> keys = {{1, 0, 0}, {2, 0, 0}, {1, 1, 0}, {1, 0, 1}, {0, 1, 1}};
  std::set<float> tags;
  constexpr int kEpisodes = 5;
  for (const EpisodeKey& key : keys) {
    VectorEnvironment environments = MakeCounters(Space::Discrete(2), 1, 0, key);
    VectorEnvironment same = MakeCounters(Space::Discrete(2), 1, 0, key);
    Row row;
    Row same_row;
    environments.Reset(row.observations.data());
    same.Reset(same_row.observations.data());
    for (int episode = 0; episode < kEpisodes; ++episode) {
      EXPECT_EQ(row.observations, same_row.observations);
      for (size_t i = 0; i < kCopies; ++i) tags.insert(row.Tag(i));
      row = StepAll(environments, {1, 1, 1});
      same_row = StepAll(same, {1, 1, 1});
    }
  }
  EXPECT_EQ(tags.size(), keys.size() * kEpisodes * kCopies);  // of 2^20
}

}  // namespace
}  // namespace drover
