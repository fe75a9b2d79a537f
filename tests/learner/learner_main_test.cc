#include "learner/learner_main.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "actor/actor_main.h"
#include "actor/evaluate.h"
#include "agent/resolve.h"
#include "agent/spec.h"
#include "common/file.h"
#include "coordinator/coordinator_main.h"
#include "coordinator/run_memory.h"
#include "deploy/coordinator_client.h"
#include "env/registry.h"
#include "learner/checkpoint.h"
#include "learner/checkpoint_tensors.h"
#include "tests/support/eventually.h"

namespace drover {
namespace {

EnvironmentSpec EnvironmentOf(const Experiment& experiment) {
  return MakeEnvironment(experiment.environment()).value()->spec();
}

Experiment CatchConfig() {
  Experiment experiment;
  const std::string text = *ReadFile("configs/catch_impala.textproto");
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &experiment));
  experiment.set_name("catch");
  experiment.mutable_evaluation()->set_episodes(1000);
  return experiment;
}

absl::StatusOr<Evaluation> EvaluateModel(const Model& model, const Experiment& experiment,
                                         const std::function<bool()>& give_up) {
  return Evaluate(model, {experiment.environment(), experiment.evaluation().episodes(),
                          experiment.evaluation().seed(), give_up});
}

// A whole cluster in one process: coordinator, learner and actors, each on a thread, over sockets.
class LearnerMainTest : public ::testing::Test {
 protected:
  struct Ended {
    absl::Status learner;
    std::vector<absl::Status> actors;
    absl::StatusOr<EndReason::Kind> coordinator = absl::UnknownError("");
  };

  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  // Runs it to its end; `meanwhile` runs on this thread.
  Ended RunCluster(Experiment experiment, bool resume,
                   const std::function<void()>& meanwhile = nullptr, uint32_t actors = 2) {
    EXPECT_FALSE(ResolveExperiment(&experiment).has_value());
    std::string text;
    google::protobuf::TextFormat::PrintToString(experiment, &text);
    EXPECT_TRUE(WriteFile(Path("config.textproto"), text).ok());
    google::protobuf::TextFormat::PrintToString(MakeSpec(experiment, EnvironmentOf(experiment)),
                                                &text);
    EXPECT_TRUE(WriteFile(Path("spec.textproto"), text).ok());

    EXPECT_TRUE(BeginLaunch(directory_.path(), experiment.name()).ok());
    const StopSignal stop_coordinator;
    const std::string coordinator = "unix:" + Path("coordinator.sock");
    Ended ended;
    ended.actors.resize(actors);
    std::vector<std::thread> threads;
    threads.emplace_back([&] {
      ended.coordinator =
          RunCoordinator({directory_.path(), {coordinator}, false}, stop_coordinator);
    });
    threads.emplace_back([&] {
      LearnerOptions options;
      options.coordinator = coordinator;
      options.listen = {"unix:" + Path("learner.sock"), "127.0.0.1:0"};
      options.resume = resume;
      options.stop = [this] { return stop_learner_.load(); };
      // A run may be so short that an actor comes after its end.
      EXPECT_TRUE(testing::Eventually([&] { return Members() >= static_cast<int>(actors); }));
      ended.learner = RunLearner(options, EvaluateModel);
    });
    for (uint32_t i = 0; i < actors; ++i) {
      threads.emplace_back([&, i] {
        ended.actors[i] = RunActor({coordinator, i, /*any_index=*/false, [] { return false; }});
      });
    }
    if (meanwhile) meanwhile();
    for (std::thread& thread : threads) thread.join();
    return ended;
  }

  nlohmann::json Summary() const {
    return nlohmann::json::parse(ReadFile(Path("summary.json")).value_or("{}"));
  }

  // How many have joined the run that goes on.
  int Members() const {
    auto coordinator = CoordinatorClient::OfRun(directory_.path());
    if (!coordinator.ok()) return 0;
    const absl::StatusOr<StatusReply> status = coordinator->Status();
    return status.ok() ? status->members_size() : 0;
  }

  absl::StatusOr<Checkpoint> Newest() const { return ReadNewestCheckpoint(Path("checkpoints")); }

  const TempDirectory directory_ = *TempDirectory::Make();
  std::atomic<bool> stop_learner_{false};
};

TEST_F(LearnerMainTest, TrainsToTheTarget) {
  // Catch has five starts, and the mode of a young policy may miss one of them that its samples
  // reach: -1 in a fifth of the episodes.
  Experiment experiment = CatchConfig();
  experiment.mutable_target()->set_return_(0.99);
  const Ended ended = RunCluster(experiment, false);
  EXPECT_TRUE(ended.learner.ok()) << ended.learner;
  for (const absl::Status& status : ended.actors) EXPECT_TRUE(status.ok()) << status;
  ASSERT_TRUE(ended.coordinator.ok()) << ended.coordinator.status();
  EXPECT_EQ(*ended.coordinator, EndReason::target_reached);

  const nlohmann::json summary = Summary();
  EXPECT_EQ(summary["reached_target"], true) << summary;
  EXPECT_GE(summary["mean_return"], 0.99);
  EXPECT_EQ(summary["eval"]["episodes"], 1000) << summary;
  EXPECT_GE(summary["eval"]["mean"], 0.5);
  EXPECT_LE(summary["policy_lag"]["max"], 8);
  EXPECT_LE(summary["frames_to_target"], summary["frames"]);

  const auto newest = Newest();
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_EQ(newest->state.updates, summary["updates"]);
  EXPECT_EQ(newest->state.version, newest->state.updates + 1);
  EXPECT_FALSE(ResolveExperiment(&experiment).has_value());
  const auto model = Model::Make(experiment.model(), EnvironmentOf(experiment), 999);
  ASSERT_TRUE(LoadCheckpointWeights(newest->path, model->get()).ok());
  const auto evaluation = EvaluateModel(**model, experiment, nullptr);
  ASSERT_TRUE(evaluation.ok());
  EXPECT_EQ(evaluation->mean(), summary["eval"]["mean"]);
  EXPECT_EQ(ListDirectory(Path("tensorboard"))->size(), 1U);
}

TEST_F(LearnerMainTest, SpendsItsBudgetAndGoesOnWithALargerOne) {
  Experiment experiment = CatchConfig();
  experiment.clear_target();
  experiment.mutable_budget()->set_max_frames(5000);
  Ended ended = RunCluster(experiment, false);
  EXPECT_TRUE(ended.learner.ok()) << ended.learner;
  ASSERT_TRUE(ended.coordinator.ok()) << ended.coordinator.status();
  EXPECT_EQ(*ended.coordinator, EndReason::budget_spent);
  const auto first = Newest();
  ASSERT_TRUE(first.ok()) << first.status();
  // Messages of 16 * 9 frames, batches of 32 * 9.
  EXPECT_EQ(first->state.frames, 5000 / 144 * 144U);
  EXPECT_EQ(Summary()["frames"], first->state.frames);
  // What is left was too little for a batch, or (on a busy machine) too old.
  const uint64_t dropped = Summary()["dropped_unrolls"].get<uint64_t>() * 9;
  EXPECT_LT(first->state.frames - first->state.trained_frames - dropped, 288U);
  EXPECT_EQ(first->state.trained_frames, first->state.updates * 288);

  // Without --resume nobody's checkpoints are replaced.
  experiment.mutable_budget()->set_max_frames(10000);
  ended = RunCluster(experiment, false, nullptr, /*actors=*/0);
  EXPECT_EQ(ended.learner.code(), absl::StatusCode::kFailedPrecondition) << ended.learner;
  EXPECT_EQ(*ended.coordinator, EndReason::failed);

  ended = RunCluster(experiment, true);
  EXPECT_TRUE(ended.learner.ok()) << ended.learner;
  const auto second = Newest();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->state.frames, 10000 / 144 * 144U);
  EXPECT_EQ(second->state.trained_frames, second->state.updates * 288);
  EXPECT_GT(second->state.episodes, first->state.episodes);
  EXPECT_GT(second->state.seconds, first->state.seconds);
  EXPECT_EQ(second->state.version, second->state.updates + 1);
  EXPECT_GT(second->state.epoch, 0U);
}

TEST_F(LearnerMainTest, ASignalDrainsAndCheckpoints) {
  Experiment experiment = CatchConfig();
  experiment.clear_target();
  experiment.mutable_budget()->set_max_frames(1000000000);
  experiment.mutable_checkpoint()->set_every_seconds(0.1);
  const Ended ended = RunCluster(experiment, false, [this] {
    EXPECT_TRUE(testing::Eventually([this] { return Members() == 3 && Newest().ok(); }));
    stop_learner_ = true;
  });
  EXPECT_TRUE(ended.learner.ok()) << ended.learner;
  ASSERT_TRUE(ended.coordinator.ok()) << ended.coordinator.status();
  EXPECT_EQ(*ended.coordinator, EndReason::stopped);
  for (const absl::Status& status : ended.actors) EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Newest()->state.updates, Summary()["updates"]);
  EXPECT_LE(ListDirectory(Path("checkpoints"))->size(), 3U + 1);  // and "versions"
}

}  // namespace
}  // namespace drover
