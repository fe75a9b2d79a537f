#include "actor/exploring_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "env/registry.h"

namespace drover {
namespace {

constexpr int kCopies = 3;

// Always in the middle.
class Still final : public Policy {
 public:
  uint64_t Refresh() override { return 7; }
  void Act(const float*, const ActionRow& action, float*) override {
    std::fill(action.continuous, action.continuous + kCopies, 0.F);
  }
  void SaveOrRestore(Archive*) override {}
};

class ExploringPolicyTest : public ::testing::Test {
 protected:
  ExploringPolicyTest() : observations_(size_t{kCopies} * 3), rewards_(kCopies), ends_(kCopies) {
    environments_->Reset(observations_.data());
  }

  ExploringPolicy Make(Exploration::Noise::Kind noise, double sigma, uint64_t uniform_frames) {
    Exploration config;
    config.set_noise(noise);
    config.set_theta(0);
    config.set_dt(1);
    return ExploringPolicy(
        &still_,
        ExplorationNoise(config, environments_->spec().action, kCopies, sigma, Random({1})),
        environments_.get(), uniform_frames, [this] { return frames_; });
  }

  std::vector<float> Act(ExploringPolicy* policy) {
    std::vector<float> actions(kCopies);
    policy->Act(observations_.data(), {nullptr, actions.data()}, nullptr);
    return actions;
  }
  void Step(const std::vector<float>& actions) {
    environments_->Step({nullptr, actions.data()}, observations_.data(), rewards_.data(),
                        ends_.data());
  }

  Still still_;
  uint64_t frames_ = 0;
  const std::unique_ptr<VectorEnvironment> environments_ =
      *MakeVectorEnvironment("Pendulum-v1", kCopies, {});
  std::vector<float> observations_;
  std::vector<float> rewards_;
  std::vector<uint8_t> ends_;
};

TEST_F(ExploringPolicyTest, IsUniformUntilTheRunHasItsFrames) {
  ExploringPolicy policy = Make(Exploration::Noise::gaussian, 0.01, 100);
  EXPECT_EQ(policy.Refresh(), 7U);
  double largest = 0;
  for (int i = 0; i < 100; ++i) {
    for (const float action : Act(&policy)) largest = std::max<double>(largest, std::abs(action));
  }
  EXPECT_GT(largest, 1.5);
  EXPECT_LE(largest, 2);
  frames_ = 100;
  largest = 0;
  for (int i = 0; i < 100; ++i) {
    for (const float action : Act(&policy)) largest = std::max<double>(largest, std::abs(action));
  }
  EXPECT_GT(largest, 0);
  EXPECT_LT(largest, 0.2);  // σ is 0.02 of the environment's
  frames_ = 0;              // a server that lost its frames does not make it uniform again
  for (const float action : Act(&policy)) EXPECT_LT(std::abs(action), 0.2);
}

TEST_F(ExploringPolicyTest, NoiseThatLastsStartsAnewWithAnEpisode) {
  // A random walk of small steps: 0.1 of the environment's units each.
  ExploringPolicy policy = Make(Exploration::Noise::ornstein_uhlenbeck, 0.05, 0);
  const auto furthest = [](const std::vector<float>& actions) {
    double largest = 0;
    for (const float action : actions) largest = std::max<double>(largest, std::abs(action));
    return largest;
  };
  double before = 0;
  for (int i = 0; i < 200; ++i) {  // Pendulum's limit
    const std::vector<float> actions = Act(&policy);
    before = furthest(actions);
    Step(actions);
  }
  ASSERT_EQ(environments_->episode_step(0), 0);
  EXPECT_GT(before, 0.6);
  EXPECT_LT(furthest(Act(&policy)), 0.5);
}

}  // namespace
}  // namespace drover
