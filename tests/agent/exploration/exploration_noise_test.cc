#include "agent/exploration/exploration_noise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace drover {
namespace {

constexpr int64_t kEnvironments = 3;

Space Wide() { return Space::Box({2}, {-1000, -2000}, {1000, 2000}); }

Exploration Config(Exploration::Noise::Kind kind) {
  Exploration config;
  config.set_noise(kind);
  config.set_theta(0.15);
  config.set_dt(1);
  return config;
}

ExplorationNoise Make(Exploration::Noise::Kind kind, const Space& space, double sigma) {
  return {Config(kind), space, kEnvironments, sigma, Random({5})};
}

// The noise of each of E · D numbers over `steps`, added to 0.
std::vector<std::vector<double>> Draw(ExplorationNoise* noise, int steps) {
  std::vector<std::vector<double>> drawn;
  for (int t = 0; t < steps; ++t) {
    std::vector<float> actions(static_cast<size_t>(kEnvironments * 2));
    noise->Add(actions.data());
    drawn.emplace_back(actions.begin(), actions.end());
  }
  return drawn;
}

double Deviation(const std::vector<std::vector<double>>& drawn, size_t i) {
  double sum = 0;
  for (const auto& row : drawn) sum += row[i] * row[i];
  return std::sqrt(sum / static_cast<double>(drawn.size()));
}

double Correlation(const std::vector<std::vector<double>>& drawn, size_t i, size_t j, size_t lag) {
  double sum = 0;
  for (size_t t = lag; t < drawn.size(); ++t) sum += drawn[t][i] * drawn[t - lag][j];
  return sum / static_cast<double>(drawn.size() - lag) /
         (Deviation(drawn, i) * Deviation(drawn, j));
}

TEST(ExplorationNoiseTest, GaussianIsWhiteAndInUnitsOfHalfTheRange) {
  ExplorationNoise noise = Make(Exploration::Noise::gaussian, Wide(), 0.1);
  const auto drawn = Draw(&noise, 20000);
  EXPECT_NEAR(Deviation(drawn, 0), 100, 3);
  EXPECT_NEAR(Deviation(drawn, 1), 200, 6);
  EXPECT_NEAR(Correlation(drawn, 0, 0, 1), 0, 0.03);
  EXPECT_NEAR(Correlation(drawn, 0, 2, 0), 0, 0.03);  // environments differ
}

TEST(ExplorationNoiseTest, OrnsteinAndUhlenbecksRemembers) {
  ExplorationNoise noise = Make(Exploration::Noise::ornstein_uhlenbeck, Wide(), 0.1);
  const auto drawn = Draw(&noise, 50000);
  EXPECT_NEAR(Deviation(drawn, 0), 100 / std::sqrt(0.15 * (2 - 0.15)), 10);
  EXPECT_NEAR(Correlation(drawn, 0, 0, 1), 1 - 0.15, 0.02);
  EXPECT_NEAR(Correlation(drawn, 0, 2, 0), 0, 0.1);
}

TEST(ExplorationNoiseTest, AnEpisodeForgetsTheLastOnesNoise) {
  ExplorationNoise noise = Make(Exploration::Noise::ornstein_uhlenbeck, Wide(), 0.1);
  ExplorationNoise other = Make(Exploration::Noise::ornstein_uhlenbeck, Wide(), 0.1);
  const auto before = Draw(&noise, 50);
  Draw(&other, 50);
  noise.Restart(1);
  const auto restarted = Draw(&noise, 1)[0];
  const auto went_on = Draw(&other, 1)[0];
  for (const size_t same : {0, 1, 4, 5}) EXPECT_EQ(restarted[same], went_on[same]);
  for (const size_t mine : {2, 3}) {
    EXPECT_NEAR(went_on[mine] - restarted[mine], before.back()[mine] * (1 - 0.15), 0.01);
  }
}

TEST(ExplorationNoiseTest, ActionsStayWithinTheirBounds) {
  for (const auto kind : {Exploration::Noise::gaussian, Exploration::Noise::ornstein_uhlenbeck}) {
    ExplorationNoise noise = Make(kind, Space::Box({2}, {-2, 1}, {2, 4}), 3);
    for (int t = 0; t < 200; ++t) {
      std::vector<float> actions = {2, 1, -2, 4, 0, 2};
      noise.Add(actions.data());
      for (size_t i = 0; i < actions.size(); ++i) {
        EXPECT_GE(actions[i], i % 2 == 0 ? -2 : 1);
        EXPECT_LE(actions[i], i % 2 == 0 ? 2 : 4);
      }
    }
  }
}

TEST(ExplorationNoiseTest, NoneLeavesActionsAlone) {
  ExplorationNoise noise = Make(Exploration::Noise::none, Wide(), 1);
  EXPECT_EQ(Draw(&noise, 1)[0], std::vector<double>(6));
}

TEST(ExplorationNoiseTest, UniformFillsTheBounds) {
  ExplorationNoise noise = Make(Exploration::Noise::gaussian, Space::Box({2}, {-2, 1}, {2, 4}), 1);
  float least = 9;
  float largest = -9;
  double sum = 0;
  for (int t = 0; t < 2000; ++t) {
    std::vector<float> actions(6);
    noise.DrawUniform(actions.data());
    for (const size_t i : {1, 3, 5}) {
      least = std::min(least, actions[i]);
      largest = std::max(largest, actions[i]);
      sum += static_cast<double>(actions[i]) / 6000;
    }
  }
  EXPECT_NEAR(least, 1, 0.01);
  EXPECT_GE(least, 1);
  EXPECT_NEAR(largest, 4, 0.01);
  EXPECT_LE(largest, 4);
  EXPECT_NEAR(sum, 2.5, 0.05);
}

TEST(ExplorationNoiseTest, ARestoredOneGoesOnAsTheSavedOne) {
  ExplorationNoise noise = Make(Exploration::Noise::ornstein_uhlenbeck, Wide(), 0.1);
  Draw(&noise, 10);
  Archive saved;
  noise.SaveOrRestore(&saved);
  ExplorationNoise restored(Config(Exploration::Noise::ornstein_uhlenbeck), Wide(), kEnvironments,
                            0.1, Random({99}));
  Draw(&restored, 3);
  Archive archive(saved.bytes());
  restored.SaveOrRestore(&archive);
  ASSERT_TRUE(archive.Finish().ok());
  EXPECT_EQ(Draw(&restored, 10), Draw(&noise, 10));
}

TEST(ExplorationSigmaTest, IsEvenlySpacedInLogarithmsFromTheFirstActorToTheLast) {
  Exploration config;
  config.set_sigma(0.4);
  config.set_sigma_last(0.1);
  EXPECT_DOUBLE_EQ(ExplorationSigma(config, 0, 3), 0.4);
  EXPECT_DOUBLE_EQ(ExplorationSigma(config, 1, 3), 0.2);
  EXPECT_DOUBLE_EQ(ExplorationSigma(config, 2, 3), 0.1);
  EXPECT_DOUBLE_EQ(ExplorationSigma(config, 7, 3), 0.1);  // of a run that was scaled up
  EXPECT_DOUBLE_EQ(ExplorationSigma(config, 0, 1), 0.4);
  config.set_sigma(0);
  EXPECT_EQ(ExplorationSigma(config, 1, 3), 0);
}

}  // namespace
}  // namespace drover
