#include "actor/lockstep.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "actor/actor_loop.h"
#include "agent/spec.h"
#include "common/random.h"
#include "tests/env/counter.h"
#include "tests/support/learner_server.h"

namespace drover {
namespace {

using Seen = LearnerServer::Seen;

constexpr int64_t kSteps = 8;
constexpr uint32_t kEnvironments = 2;

// Acts at random, with the version that the test says.
class RandomPolicy final : public Policy {
 public:
  uint64_t Refresh() override { return version; }
  void Act(const float*, const ActionRow& action, float* log_prob) override {
    for (uint32_t e = 0; e < kEnvironments; ++e) {
      action.discrete[e] = static_cast<int32_t>(random_.Below(2));
      log_prob[e] = 0;
    }
  }
  void SaveOrRestore(Archive* archive) override { archive->Value(&random_); }

  std::atomic<uint64_t> version{1};

 private:
  Random random_ = Random({5});
};

// Tells how many unrolls there were.
class CountingRecorder final : public UnrollRecorder {
 public:
  void Record(UnrollBuilder* builder) override {
    builder->unrolls()->mutable_return_moments()->set_count(++unrolls_);
  }
  void SaveOrRestore(Archive* archive) override { archive->Value(&unrolls_); }

 private:
  double unrolls_ = 0;
};

// An actor on a thread, and a learner that the test plays.
class LockstepTest : public ::testing::Test {
 protected:
  LockstepTest() {
    learner_.Serve();
    std::vector<std::unique_ptr<Environment>> copies;
    for (uint32_t i = 0; i < kEnvironments; ++i) {
      copies.push_back(std::make_unique<Counter>(Space::Discrete(2), 7, 0));
    }
    environments_ = std::make_unique<VectorEnvironment>(std::move(copies), EpisodeKey{1, 2, 3});
    Experiment experiment;
    experiment.mutable_actors()->set_unroll(kSteps);
    const EnvironmentSpec& spec = environments_->spec();
    builder_ = std::make_unique<UnrollBuilder>(
        UnrollBuilder::Make(MakeSpec(experiment, spec), spec, kEnvironments).value());
    TrajectoryStream::Options options;
    options.identity = [] { return Identity{"run", 7, 5, 3}; };
    options.learner = [this](std::chrono::milliseconds) { return learner_.endpoint(); };
    options.environments = kEnvironments;
    stream_ = std::make_unique<TrajectoryStream>(std::move(options));
    transport_ = std::make_unique<StreamTransport>(stream_.get(), &policy_, [this] { ++waits_; });
    lockstep_ = std::make_unique<Lockstep>(environments_.get(), &policy_, transport_.get(),
                                           builder_.get(), &recorder_);
    loop_ = std::make_unique<ActorLoop>(
        environments_.get(), lockstep_.get(), lockstep_.get(), builder_.get(), [] { return false; },
        /*whole_episodes=*/false, &recorder_);
    actor_ = std::thread([this] { status_ = loop_->Run(); });
  }

  ~LockstepTest() override { End(); }

  void End() {
    stream_->Stop();
    if (actor_.joinable()) actor_.join();
  }

  void WaitForWelcome(size_t n) {
    ASSERT_TRUE(learner_.WaitFor([n](const Seen& seen) { return seen.hellos.size() >= n; }));
    while (stream_->counters().connections < n) std::this_thread::yield();
  }

  // Grants one unroll and waits until it has come, as number `n` of all.
  Unrolls Next(size_t n, uint64_t version = 1) {
    learner_.Grant(kEnvironments, version);
    EXPECT_TRUE(learner_.WaitFor([n](const Seen& seen) { return seen.unrolls.size() >= n; }));
    return learner_.seen().unrolls.at(n - 1);
  }

  // As after a kill -9, with another checkpoint.
  void RestartLearner(const std::string& state) {
    learner_.Kill();
    learner_.SetState(state);
    const size_t hellos = learner_.seen().hellos.size();
    learner_.Serve();
    WaitForWelcome(hellos + 1);
  }

  static void ExpectSame(const Unrolls& one, const Unrolls& other) {
    for (int i = 0; i < one.columns_size(); ++i) EXPECT_EQ(one.columns(i), other.columns(i)) << i;
    EXPECT_EQ(one.episodes_size(), other.episodes_size());
    EXPECT_EQ(one.return_moments().count(), other.return_moments().count());
    EXPECT_EQ(one.state(), other.state());
  }

  LearnerServer learner_;
  RandomPolicy policy_;
  CountingRecorder recorder_;
  std::atomic<int> waits_{0};
  std::unique_ptr<VectorEnvironment> environments_;
  std::unique_ptr<UnrollBuilder> builder_;
  std::unique_ptr<TrajectoryStream> stream_;
  std::unique_ptr<StreamTransport> transport_;
  std::unique_ptr<Lockstep> lockstep_;
  std::unique_ptr<ActorLoop> loop_;
  std::thread actor_;
  absl::Status status_;
};

TEST_F(LockstepTest, ActsWithTheVersionOfItsCredits) {
  WaitForWelcome(1);
  Next(1);
  learner_.Grant(kEnvironments, 2);
  while (waits_ < 100) std::this_thread::yield();
  EXPECT_EQ(learner_.seen().unrolls.size(), 1U);
  policy_.version = 2;
  ASSERT_TRUE(learner_.WaitFor([](const Seen& seen) { return seen.unrolls.size() == 2; }));
  const Unrolls unrolls = learner_.seen().unrolls[1];
  ASSERT_EQ(unrolls.versions_size(), 1);
  EXPECT_EQ(unrolls.versions(0).version(), 2U);
  EXPECT_FALSE(unrolls.state().empty());
}

TEST_F(LockstepTest, GoesBackToTheStateThatTheLearnerHas) {
  WaitForWelcome(1);
  const Unrolls first = Next(1);
  const Unrolls second = Next(2);
  const Unrolls third = Next(3);
  EXPECT_NE(second.columns(0), third.columns(0));
  RestartLearner(first.state());
  ExpectSame(Next(4), second);
  ExpectSame(Next(5), third);
}

TEST_F(LockstepTest, GoesBackToItsBeginningWhereTheLearnerHasNothing) {
  WaitForWelcome(1);
  const Unrolls first = Next(1);
  Next(2);
  RestartLearner("");
  ExpectSame(Next(3), first);
}

TEST_F(LockstepTest, AnUnrollThatIsLostIsMadeAgain) {
  WaitForWelcome(1);
  const Unrolls first = Next(1);
  // It has credits, and waits for their version, when the connection breaks.
  learner_.Grant(kEnvironments, 2);
  while (waits_ < 100) std::this_thread::yield();
  RestartLearner(first.state());
  const Unrolls second = Next(2);
  RestartLearner(first.state());
  policy_.version = 2;
  ExpectSame(Next(3, 2), second);
}

TEST_F(LockstepTest, AStateOfSomethingElseIsAnError) {
  WaitForWelcome(1);
  Next(1);
  RestartLearner("of something else");
  learner_.Grant(kEnvironments, 1);
  actor_.join();
  EXPECT_TRUE(absl::IsInvalidArgument(status_)) << status_;
}

}  // namespace
}  // namespace drover
