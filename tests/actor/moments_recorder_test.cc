#include "actor/moments_recorder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "actor/actor_loop.h"
#include "agent/spec.h"
#include "tests/actor/recorder.h"
#include "tests/env/counter.h"

namespace drover {
namespace {

constexpr int64_t kSteps = 5;  // of an unroll
constexpr int64_t kEnvironments = 3;
constexpr double kGamma = 0.5;

class Stepper final : public Policy {
 public:
  uint64_t Refresh() override { return 1; }
  void Act(const float*, const ActionRow& action, float* log_prob) override {
    for (int64_t e = 0; e < kEnvironments; ++e) {
      action.discrete[e] = static_cast<int32_t>(e);
      log_prob[e] = 0;
    }
  }
  void SaveOrRestore(Archive*) override {}
};

// Counters whose episodes end at a sum of 8; environment e has a reward of e a step.
class MomentsRecorderTest : public ::testing::Test {
 protected:
  MomentsRecorderTest() {
    experiment_.mutable_actors()->set_unroll(kSteps);
    experiment_.mutable_actors()->set_environments(kEnvironments);
    experiment_.mutable_returns()->set_gamma(kGamma);
    experiment_.mutable_model()->mutable_normalization()->set_observations(true);
    experiment_.mutable_model()->mutable_normalization()->set_returns(true);
  }

  std::vector<Unrolls> Act(size_t unrolls) {
    std::vector<std::unique_ptr<Environment>> copies;
    for (int64_t i = 0; i < kEnvironments; ++i) {
      copies.push_back(std::make_unique<Counter>(Space::Discrete(3), 8, 0));
    }
    VectorEnvironment environments(std::move(copies), EpisodeKey{1, 2, 3});
    UnrollBuilder builder = UnrollBuilder::Make(MakeSpec(experiment_, environments.spec()),
                                                environments.spec(), kEnvironments)
                                .value();
    Stepper policy;
    Recorder transport(unrolls);
    MomentsRecorder recorder(experiment_);
    ActorLoop loop(
        &environments, &policy, &transport, &builder, [] { return false; },
        experiment_.actors().whole_episodes(), &recorder);
    EXPECT_TRUE(loop.Run().ok());
    return transport.sent;
  }

  static void ExpectMoments(const Moments& moments, int i, const std::vector<double>& numbers) {
    const auto count = static_cast<double>(numbers.size());
    double mean = 0;
    for (const double x : numbers) mean += x / count;
    double m2 = 0;
    for (const double x : numbers) m2 += (x - mean) * (x - mean);
    EXPECT_EQ(moments.count(), count);
    EXPECT_NEAR(moments.mean(i), mean, 1e-9 * (1 + std::abs(mean)));
    EXPECT_NEAR(moments.m2(i), m2, 1e-9 * (1 + m2));
  }

  // Of the unroll, by the definition; `sums` [E] so far.
  static std::vector<double> DiscountedSums(const Unrolls& unrolls, std::vector<double>* sums) {
    const std::vector<float> rewards = Column<float>(unrolls, kReward);
    const std::vector<uint8_t> ends = Column<uint8_t>(unrolls, kEnd);
    std::vector<double> all;
    for (size_t i = 0; i < rewards.size(); ++i) {
      double& sum = (*sums)[i % kEnvironments];
      sum = kGamma * sum + static_cast<double>(rewards[i]);
      all.push_back(sum);
      if (ends[i] != 0) sum = 0;
    }
    return all;
  }

  Experiment experiment_;
};

TEST_F(MomentsRecorderTest, AreOfTheObservationsThatWereActedOn) {
  for (const Unrolls& unrolls : Act(4)) {
    const std::vector<float> column = Column<float>(unrolls, kObservation);
    ASSERT_EQ(unrolls.observation_moments().mean_size(), 3);
    for (size_t i = 0; i < 3; ++i) {
      std::vector<double> numbers;
      for (size_t row = 0; row < kSteps * kEnvironments; ++row) {
        numbers.push_back(static_cast<double>(column[row * 3 + i]));
      }
      ExpectMoments(unrolls.observation_moments(), static_cast<int>(i), numbers);
    }
  }
}

TEST_F(MomentsRecorderTest, AreOfDiscountedSumsThatGoOnInTheNextUnroll) {
  std::vector<double> sums(kEnvironments);
  for (const Unrolls& unrolls : Act(4)) {
    ExpectMoments(unrolls.return_moments(), 0, DiscountedSums(unrolls, &sums));
  }
}

TEST_F(MomentsRecorderTest, ButNotWhereEachUnrollStartsWithNewEpisodes) {
  experiment_.mutable_actors()->set_whole_episodes(true);
  for (const Unrolls& unrolls : Act(3)) {
    std::vector<double> sums(kEnvironments);
    ExpectMoments(unrolls.return_moments(), 0, DiscountedSums(unrolls, &sums));
  }
}

TEST_F(MomentsRecorderTest, TellsOnlyWhatTheRunWants) {
  experiment_.mutable_model()->mutable_normalization()->clear_returns();
  EXPECT_FALSE(Act(1)[0].has_return_moments());
  EXPECT_TRUE(Act(1)[0].has_observation_moments());
  experiment_.mutable_model()->clear_normalization();
  EXPECT_FALSE(Act(1)[0].has_observation_moments());
}

}  // namespace
}  // namespace drover
