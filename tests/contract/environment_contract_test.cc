// What every environment of the table promises (env/environment.h), checked for each.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "env/environment.h"
#include "env/registry.h"
#include "env/vector_environment.h"
#include "gtest/gtest.h"

namespace {

std::atomic<int64_t> allocations{0};

}  // namespace

void* operator new(size_t size) {
  ++allocations;
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*size*/) noexcept { std::free(memory); }

namespace drover {
namespace {

constexpr int64_t kLongest = 10000;  // steps that an episode without a limit may take here
constexpr int kEpisodes = 20;
constexpr int kCopies = 4;

// Uniform over the action space; over [-1, 1] where it has no bounds.
class RandomPolicy {
 public:
  RandomPolicy(const Space& space, int copies)
      : space_(space),
        discrete_(static_cast<size_t>(copies)),
        continuous_(static_cast<size_t>(copies * space.elements())) {}

  Actions Act(Random& random) {
    for (int32_t& action : discrete_) {
      action = space_.discrete()
                   ? static_cast<int32_t>(random.Below(static_cast<uint64_t>(space_.n)))
                   : 0;
    }
    for (size_t i = 0; i < continuous_.size(); ++i) {
      const size_t element = i % static_cast<size_t>(space_.elements());
      const bool bounded = !space_.discrete() && std::isfinite(space_.low[element]) &&
                           std::isfinite(space_.high[element]);
      continuous_[i] =
          static_cast<float>(bounded ? random.Uniform(space_.low[element], space_.high[element])
                                     : random.Uniform(-1, 1));
    }
    return {discrete_.data(), continuous_.data()};
  }

  Action ActOnce(Random& random) {
    const Actions actions = Act(random);
    return {actions.discrete[0], actions.continuous};
  }

 private:
  const Space& space_;
  std::vector<int32_t> discrete_;
  std::vector<float> continuous_;
};

class EnvironmentContractTest : public ::testing::TestWithParam<std::string> {
 protected:
  static std::unique_ptr<Environment> Make() {
    absl::StatusOr<std::unique_ptr<Environment>> environment = MakeEnvironment(GetParam());
    EXPECT_TRUE(environment.ok()) << environment.status();
    return *std::move(environment);
  }
  static std::unique_ptr<VectorEnvironment> MakeVector(const EpisodeKey& key) {
    absl::StatusOr<std::unique_ptr<VectorEnvironment>> environments =
        MakeVectorEnvironment(GetParam(), kCopies, key);
    EXPECT_TRUE(environments.ok()) << environments.status();
    return *std::move(environments);
  }
};

// Where the environment is to write: filled with NaN, and with a guard on each side.
class Target {
 public:
  explicit Target(int64_t elements)
      : memory_(static_cast<size_t>(elements) + 2, std::numeric_limits<float>::quiet_NaN()) {
    memory_.front() = memory_.back() = kGuard;
  }

  float* data() { return memory_.data() + 1; }

  // That all of it and nothing else was written, with values of the space.
  void ExpectWithin(const Space& space) {
    EXPECT_EQ(memory_.front(), kGuard);
    EXPECT_EQ(memory_.back(), kGuard);
    for (size_t i = 0; i < space.low.size(); ++i) {
      EXPECT_TRUE(std::isfinite(data()[i])) << i;
      EXPECT_GE(data()[i], space.low[i]) << i;
      EXPECT_LE(data()[i], space.high[i]) << i;
    }
    std::fill(memory_.begin() + 1, memory_.end() - 1, std::numeric_limits<float>::quiet_NaN());
  }

 private:
  static constexpr float kGuard = 12345;
  std::vector<float> memory_;
};

TEST_P(EnvironmentContractTest, SpecIsComplete) {
  const std::unique_ptr<Environment> environment = Make();
  const EnvironmentSpec& spec = environment->spec();
  EXPECT_EQ(spec.id, GetParam());
  EXPECT_GE(spec.max_episode_steps, 0);
  EXPECT_FALSE(spec.observation.discrete());
  for (const Space* space : {&spec.observation, &spec.action}) {
    EXPECT_GE(space->elements(), 1);
    if (space->discrete()) {
      EXPECT_GE(space->n, 2);
      continue;
    }
    ASSERT_EQ(space->low.size(), static_cast<size_t>(space->elements()));
    ASSERT_EQ(space->high.size(), space->low.size());
    for (size_t i = 0; i < space->low.size(); ++i) EXPECT_LT(space->low[i], space->high[i]) << i;
  }
}

TEST_P(EnvironmentContractTest, EpisodesStayInTheirSpacesAndEnd) {
  const std::unique_ptr<Environment> environment = Make();
  const EnvironmentSpec& spec = environment->spec();
  const int64_t limit = spec.max_episode_steps > 0 ? spec.max_episode_steps : kLongest;
  Random random({1});
  RandomPolicy policy(spec.action, 1);
  Target observation(spec.observation.elements());
  for (int episode = 0; episode < kEpisodes; ++episode) {
    environment->Reset(random, observation.data());
    observation.ExpectWithin(spec.observation);
    EXPECT_EQ(environment->episode_step(), 0);
    StepResult result;
    for (int64_t step = 1; result.end == End::kRunning; ++step) {
      ASSERT_LE(step, limit) << "the episode did not end";
      result = environment->Step(policy.ActOnce(random), observation.data());
      observation.ExpectWithin(spec.observation);
      ASSERT_FALSE(HasFailure()) << "step " << step;
      ASSERT_TRUE(std::isfinite(result.reward));
      ASSERT_LE(result.end, End::kTruncated);
      ASSERT_EQ(environment->episode_step(), step);
      ASSERT_FALSE(result.end == End::kTruncated && step < limit) << "truncated before the limit";
    }
  }
}

// A run of kEpisodes episodes of each copy, as one sequence of numbers.
std::vector<float> Play(VectorEnvironment& environments, int steps) {
  const auto row = static_cast<size_t>(kCopies * environments.spec().observation.elements());
  std::vector<float> played(row);
  std::vector<float> rewards(kCopies);
  std::vector<uint8_t> ends(kCopies);
  environments.Reset(played.data());
  Random random({2});
  RandomPolicy policy(environments.spec().action, kCopies);
  for (int t = 0; t < steps; ++t) {
    played.resize(played.size() + row);
    float* observations = played.data() + played.size() - row;
    environments.Step(policy.Act(random), observations, rewards.data(), ends.data());
    played.insert(played.end(), rewards.begin(), rewards.end());
    played.insert(played.end(), ends.begin(), ends.end());
  }
  return played;
}

TEST_P(EnvironmentContractTest, TheKeyAndTheActionsAreAllThatMatters) {
  const std::vector<float> played = Play(*MakeVector({1, 2, 3}), 500);
  EXPECT_EQ(played, Play(*MakeVector({1, 2, 3}), 500));
  EXPECT_NE(played, Play(*MakeVector({2, 2, 3}), 500));
  EXPECT_NE(played, Play(*MakeVector({1, 3, 3}), 500));
  EXPECT_NE(played, Play(*MakeVector({1, 2, 4}), 500));
}

// Actions, observations, rewards and ends of so many steps.
std::vector<float> GoOn(VectorEnvironment& environments, Random* random, int steps) {
  const auto row = static_cast<size_t>(kCopies * environments.spec().observation.elements());
  std::vector<float> played;
  std::vector<float> observations(row);
  std::vector<float> rewards(kCopies);
  std::vector<uint8_t> ends(kCopies);
  RandomPolicy policy(environments.spec().action, kCopies);
  for (int t = 0; t < steps; ++t) {
    environments.Step(policy.Act(*random), observations.data(), rewards.data(), ends.data());
    played.insert(played.end(), observations.begin(), observations.end());
    played.insert(played.end(), rewards.begin(), rewards.end());
    played.insert(played.end(), ends.begin(), ends.end());
    for (const FinishedEpisode& episode : environments.finished()) {
      played.push_back(static_cast<float>(episode.episode_return));
      played.push_back(static_cast<float>(episode.length));
    }
  }
  return played;
}

TEST_P(EnvironmentContractTest, ARestoredOneGoesOnAsTheSavedOne) {
  const uint64_t seed = std::random_device()();
  Random random({seed});
  std::vector<float> first(static_cast<size_t>(kCopies * Make()->spec().observation.elements()));
  for (int trial = 0; trial < 9; ++trial) {
    const std::unique_ptr<VectorEnvironment> saved = MakeVector({seed, 1, 2});
    saved->Reset(first.data());
    GoOn(*saved, &random, static_cast<int>(random.Below(100)));
    Archive state;
    saved->SaveOrRestore(&state);
    EXPECT_LE(state.bytes().size(), kCopies * (Environment::kMaxStateBytes + 24));

    // In its first step, in the midst of other episodes, or never reset.
    const std::unique_ptr<VectorEnvironment> restored = MakeVector({7, 8, 9});
    if (trial % 3 > 0) restored->Reset(first.data());
    if (trial % 3 > 1) GoOn(*restored, &random, 30);
    Archive archive(state.bytes());
    restored->SaveOrRestore(&archive);
    ASSERT_TRUE(archive.Finish().ok()) << archive.Finish();
    EXPECT_TRUE(restored->finished().empty());
    Random same = random;
    ASSERT_EQ(GoOn(*restored, &random, 1000), GoOn(*saved, &same, 1000)) << "seed " << seed;
  }
}

// It is refused, or what it says is a state: stepping goes on without a crash.
TEST_P(EnvironmentContractTest, ADamagedStateDoesNoHarm) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  Random random({seed});
  const std::unique_ptr<VectorEnvironment> saved = MakeVector({1, 2, 3});
  std::vector<float> first(static_cast<size_t>(kCopies * saved->spec().observation.elements()));
  saved->Reset(first.data());
  Archive state;
  saved->SaveOrRestore(&state);
  int refused = 0;
  for (int trial = 0; trial < 500; ++trial) {
    std::string bytes = state.bytes();
    bytes[random.Below(bytes.size())] = static_cast<char>(random.Below(256));
    if (trial % 10 == 0) bytes.resize(random.Below(bytes.size()));
    const std::unique_ptr<VectorEnvironment> restored = MakeVector({1, 2, 3});
    Archive archive(bytes);
    restored->SaveOrRestore(&archive);
    if (archive.Finish().ok()) {
      GoOn(*restored, &random, 20);
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 25);
}

TEST_P(EnvironmentContractTest, StartsOverByItselfAndKeepsTheFinalObservation) {
  const std::unique_ptr<VectorEnvironment> environments = MakeVector({4, 5, 6});
  const Space& space = environments->spec().observation;
  const auto elements = static_cast<size_t>(space.elements());
  std::vector<float> observations(kCopies * elements);
  std::vector<float> rewards(kCopies);
  std::vector<uint8_t> ends(kCopies);
  std::vector<double> returns(kCopies);
  std::vector<int64_t> lengths(kCopies);
  Random random({3});
  RandomPolicy policy(environments->spec().action, kCopies);
  environments->Reset(observations.data());
  int finished = 0;
  for (int64_t t = 0; finished < kEpisodes; ++t) {
    ASSERT_LE(t, kEpisodes * kLongest);
    environments->Step(policy.Act(random), observations.data(), rewards.data(), ends.data());
    size_t listed = 0;
    for (size_t i = 0; i < kCopies; ++i) {
      returns[i] += rewards[i];
      ++lengths[i];
      EXPECT_EQ(environments->episode_step(static_cast<int>(i)), ends[i] == 0 ? lengths[i] : 0);
      if (ends[i] == 0) continue;
      ASSERT_LT(listed, environments->finished().size());
      const FinishedEpisode& episode = environments->finished()[listed++];
      EXPECT_EQ(episode.environment, static_cast<int>(i));
      EXPECT_EQ(static_cast<uint8_t>(episode.end), ends[i]);
      EXPECT_EQ(episode.length, lengths[i]);
      EXPECT_EQ(episode.episode_return, returns[i]);
      const float* next = observations.data() + i * elements;
      EXPECT_FALSE(std::equal(next, next + elements, episode.final_observation));
      for (size_t j = 0; j < elements; ++j) {
        EXPECT_GE(episode.final_observation[j], space.low[j]);
        EXPECT_LE(episode.final_observation[j], space.high[j]);
      }
      returns[i] = 0;
      lengths[i] = 0;
      ++finished;
    }
    ASSERT_EQ(environments->finished().size(), listed);
  }
}

TEST_P(EnvironmentContractTest, SteppingDoesNotAllocate) {
  const std::unique_ptr<VectorEnvironment> environments = MakeVector({7, 8, 9});
  std::vector<float> observations(
      static_cast<size_t>(kCopies * environments->spec().observation.elements()));
  std::vector<float> rewards(kCopies);
  std::vector<uint8_t> ends(kCopies);
  Random random({4});
  RandomPolicy policy(environments->spec().action, kCopies);
  size_t finished = 0;
  const int64_t before = allocations;
  environments->Reset(observations.data());
  for (int t = 0; t < 2000; ++t) {
    environments->Step(policy.Act(random), observations.data(), rewards.data(), ends.data());
    finished += environments->finished().size();
  }
  EXPECT_EQ(allocations, before);
  EXPECT_GT(finished, 0U);
}

INSTANTIATE_TEST_SUITE_P(All, EnvironmentContractTest, ::testing::ValuesIn(ListEnvironments()),
                         [](const ::testing::TestParamInfo<std::string>& info) {
                           std::string name = info.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace drover
