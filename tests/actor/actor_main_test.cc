#include "actor/actor_main.h"

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "agent/model/model.h"
#include "agent/spec.h"
#include "env/registry.h"
#include "gtest/gtest.h"
#include "tests/support/coordinator_server.h"
#include "tests/support/learner_server.h"

namespace drover {
namespace {

constexpr uint32_t kEnvironments = 3;
constexpr uint32_t kSteps = 8;

Experiment Config() {
  Experiment experiment;
  experiment.set_environment("CartPole-v1");
  experiment.set_seed(11);
  experiment.mutable_actors()->set_environments(kEnvironments);
  experiment.mutable_actors()->set_unroll(kSteps);
  experiment.mutable_model()->add_layers(8);
  experiment.mutable_model()->set_activation(ModelConfig::Activation::tanh);
  experiment.mutable_evaluation()->set_episodes(5);
  experiment.mutable_evaluation()->set_every_frames(1000);
  return experiment;
}

EnvironmentSpec CartPole() { return MakeEnvironment("CartPole-v1").value()->spec(); }

// A whole actor process's work on a thread, between real servers.
class ActorMainTest : public ::testing::Test {
 protected:
  using Run = absl::Status (*)(const ActorOptions&);

  ActorMainTest() : coordinator_(Config(), MakeSpec(Config(), CartPole())) {
    coordinator_.Serve();
    learner_.Serve();
    coordinator_.SetLearner(learner_.endpoint());
    model_ = Model::Make(Config().model(), CartPole(), Config().seed()).value();
  }

  ~ActorMainTest() override {
    stop_ = true;
    if (actor_.joinable()) actor_.join();
  }

  void Start(Run run) {
    actor_ = std::thread([this, run] {
      ActorOptions options;
      options.coordinator = coordinator_.address();
      options.stop = [this] { return stop_.load(); };
      status_ = run(options);
    });
  }

  absl::Status Join() {
    actor_.join();
    return status_;
  }

  void Publish(uint64_t version, uint64_t frames) {
    const at::Tensor parameters = model_->acting_parameters();
    learner_.Publish(
        version, frames,
        std::string(static_cast<const char*>(parameters.data_ptr()), parameters.nbytes()),
        model_->acting_layout_hash());
  }

  bool WaitForHello(size_t n) {
    return learner_.WaitFor(
        [n](const LearnerServer::Seen& seen) { return seen.hellos.size() >= n; });
  }

  bool WaitForUnrolls(size_t n) {
    return learner_.WaitFor(
        [n](const LearnerServer::Seen& seen) { return seen.unrolls.size() >= n; });
  }

  CoordinatorServer coordinator_;
  LearnerServer learner_;
  std::unique_ptr<Model> model_;
  std::atomic<bool> stop_{false};
  std::thread actor_;
  absl::Status status_;  // of actor_, once it has ended
};

TEST_F(ActorMainTest, ActsWithinItsCreditsUntilTheLearnerDrains) {
  Start(RunActor);
  ASSERT_TRUE(WaitForHello(1));
  Publish(3, 0);
  learner_.Grant(5 * kEnvironments);
  ASSERT_TRUE(WaitForUnrolls(5));
  learner_.Drain();
  // It leaves when the coordinator knows, too: else it would be replaced.
  ASSERT_TRUE(learner_.WaitFor([](const LearnerServer::Seen& seen) { return seen.broken == 1; }));
  EXPECT_TRUE(coordinator_.seen().goodbyes.empty());
  coordinator_.SetState(RunState::draining);
  EXPECT_TRUE(Join().ok());

  const LearnerServer::Seen seen = learner_.seen();
  ASSERT_EQ(seen.unrolls.size(), 5U);
  EXPECT_EQ(seen.overdrafts, 0);
  for (uint64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(seen.unrolls[i].sequence(), i + 1);
    EXPECT_EQ(seen.unrolls[i].columns(0).size(), (kSteps + 1) * kEnvironments * 4 * 4U);
    ASSERT_EQ(seen.unrolls[i].versions_size(), 1);
    EXPECT_EQ(seen.unrolls[i].versions(0).version(), 3U);
  }
  const std::vector<Report> goodbyes = coordinator_.seen().goodbyes;
  ASSERT_EQ(goodbyes.size(), 1U);
  EXPECT_EQ(goodbyes[0].actor().steps(), 5 * kSteps * kEnvironments);
  EXPECT_EQ(goodbyes[0].actor().version(), 3U);
  EXPECT_GT(goodbyes[0].metrics().at("inference_seconds"), 0);
}

TEST_F(ActorMainTest, TakesNewWeights) {
  Start(RunActor);
  ASSERT_TRUE(WaitForHello(1));
  Publish(3, 0);
  learner_.Grant(kEnvironments);
  ASSERT_TRUE(WaitForUnrolls(1));
  Publish(4, 0);
  ASSERT_TRUE(learner_.WaitFor(
      [](const LearnerServer::Seen& seen) { return seen.requests.back().newer_than() == 4; }));
  learner_.Grant(kEnvironments);
  ASSERT_TRUE(WaitForUnrolls(2));
  EXPECT_EQ(learner_.seen().unrolls[1].versions(0).version(), 4U);
}

TEST_F(ActorMainTest, LeavesWhenToldToStop) {
  Start(RunActor);
  ASSERT_TRUE(WaitForHello(1));
  stop_ = true;  // before it has weights
  EXPECT_TRUE(Join().ok());
  EXPECT_EQ(coordinator_.seen().goodbyes.size(), 1U);
}

TEST_F(ActorMainTest, LeavesWhenTheRunDrainsWithoutALearner) {
  coordinator_.ClearLearner();
  Start(RunActor);
  coordinator_.SetState(RunState::draining);
  EXPECT_TRUE(Join().ok());
}

TEST_F(ActorMainTest, AFencedActorRejoinsWithANewEpoch) {
  Start(RunActor);
  ASSERT_TRUE(WaitForHello(1));
  const uint64_t epoch = learner_.seen().hellos[0].epoch();
  Publish(1, 0);
  learner_.Grant(kEnvironments);
  ASSERT_TRUE(WaitForUnrolls(1));
  coordinator_.Fence();
  learner_.SetLeastEpoch(epoch + 1);
  learner_.Kill();
  learner_.Serve();
  ASSERT_TRUE(learner_.WaitFor(
      [epoch](const LearnerServer::Seen& seen) { return seen.hellos.back().epoch() > epoch; }));
  learner_.Grant(kEnvironments);
  EXPECT_TRUE(WaitForUnrolls(2));
  EXPECT_EQ(learner_.seen().unrolls[1].sequence(), 2U);
}

TEST_F(ActorMainTest, NoLifeRepeatsTheEpisodesOfAnother) {
  std::set<std::string> first_rows;
  const auto play = [&] {
    Start(RunActor);
    const size_t lives = learner_.seen().hellos.size() + 1;
    ASSERT_TRUE(WaitForHello(lives));
    Publish(lives, 0);
    learner_.Grant(kEnvironments);
    ASSERT_TRUE(WaitForUnrolls(lives));
    learner_.Drain();
    stop_ = true;
    EXPECT_TRUE(Join().ok());
    stop_ = false;
    first_rows.insert(
        learner_.seen().unrolls.back().columns(0).substr(0, size_t{kEnvironments} * 4 * 4));
  };
  play();
  play();
  EXPECT_EQ(first_rows.size(), 2U);
  learner_.SetLastSequence(0);  // a new run of the same seed
  play();
  EXPECT_EQ(first_rows.size(), 2U);
}

TEST_F(ActorMainTest, SaysWhyItCannotGoOn) {
  Start(RunActor);
  ASSERT_TRUE(WaitForHello(1));
  learner_.CloseStream({grpc::StatusCode::INVALID_ARGUMENT, "does not fit the spec"});
  Publish(1, 0);
  learner_.Grant(kEnvironments);
  EXPECT_TRUE(absl::IsInvalidArgument(Join()));
  EXPECT_EQ(coordinator_.seen().goodbyes.size(), 1U);
}

TEST_F(ActorMainTest, TheEvaluatorReportsPoints) {
  Start(RunEvaluator);
  Publish(7, 1500);
  ASSERT_TRUE(coordinator_.WaitFor([](const CoordinatorServer::Seen& seen) {
    return !seen.reports.empty() && seen.reports.back().evaluator().points_size() > 0;
  }));
  coordinator_.SetState(RunState::draining);
  EXPECT_TRUE(Join().ok());
  int points = 0;
  for (const Report& report : coordinator_.seen().reports) {
    for (const EvaluationPoint& point : report.evaluator().points()) {
      EXPECT_EQ(point.version(), 7U);
      EXPECT_EQ(point.frames(), 1500U);
      EXPECT_EQ(point.evaluation().episodes(), 5U);
      ++points;
    }
  }
  EXPECT_EQ(points, 1);
  EXPECT_TRUE(learner_.seen().hellos.empty());  // its steps go nowhere
}

}  // namespace
}  // namespace drover
