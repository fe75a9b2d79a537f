// A run among people and faults: status, Ctrl-C, processes that are killed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/cluster.h"

namespace drover {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

class LifecycleTest : public ClusterTest {};

TEST_F(LifecycleTest, StatusSaysHowItStands) {
  EXPECT_EQ(RunProgram(Drover({"status", run_dir(), "--health"})).exit.code, 1);
  // A member is well while no coordinator answers, but not with certificates that are not there.
  const auto member_health = [this](const std::string& certs) {
    return RunProgram(Drover({"status", "--health", "--member=actor", "--coordinator",
                              "unix:" + run_dir() + "/none", "--certs", certs}))
        .exit.code;
  };
  EXPECT_EQ(member_health(""), 0);
  EXPECT_EQ(member_health("/nothing"), 1);
  Program train(Train(kManyFrames));
  WaitForFrames();
  ASSERT_TRUE(WaitFor([&] { return Members("actor").size() == 2; }));

  const nlohmann::json status = Status();
  EXPECT_EQ(status["state"], "running");
  EXPECT_TRUE(status["end_reason"].is_null());
  EXPECT_EQ(status["run_dir"], run_dir());
  EXPECT_GT(status["updates"], 0);
  std::vector<std::string> members;
  for (const nlohmann::json& member : status["members"]) {
    members.push_back(member["role"].get<std::string>() + member["index"].dump());
    EXPECT_EQ(kill(member["pid"].get<pid_t>(), 0), 0) << member;
    EXPECT_LT(member["seconds_since_renewal"], 3);
  }
  EXPECT_THAT(members, UnorderedElementsAreArray({"learner0", "actor0", "actor1"}));
  const Finished text = RunProgram(Drover({"status", run_dir()}));
  EXPECT_TRUE(text.exit.ok());
  EXPECT_THAT(text.out, HasSubstr("running"));
  EXPECT_THAT(text.out, HasSubstr("actor 1"));
  EXPECT_EQ(RunProgram(Drover({"status", run_dir(), "--health"})).exit.code, 0);

  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok());
  EXPECT_EQ(Status()["state"], "ended");
  EXPECT_EQ(Status()["summary"], Summary());
  EXPECT_EQ(RunProgram(Drover({"status", run_dir(), "--health"})).exit.code, 1);
}

TEST_F(LifecycleTest, ASecondTrainOnADirectoryInUseIsRefused) {
  Program train(Train(kManyFrames));
  WaitForFrames();
  const std::string link = directory_.path() + "/link";
  std::filesystem::create_directory_symlink(run_dir(), link);
  for (const std::string& path : {run_dir(), link, run_dir() + "/logs/.."}) {
    for (const bool resume : {false, true}) {
      std::vector<std::string> words = {"train", Runfile("configs/catch_impala.textproto"),
                                        "--run_dir", path};
      if (resume) words.emplace_back("--resume");
      const Finished second = RunProgram(Drover(words));
      EXPECT_EQ(second.exit.code, 2) << path << " " << resume;
      EXPECT_THAT(second.err, HasSubstr("another run is using")) << path << " " << resume;
    }
  }
  WaitForFrames(Status()["frames"]);  // the first one did not notice
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok());
}

TEST_F(LifecycleTest, ALearnerToldToStopEndsTheRunInOrder) {
  Program train(Train(kManyFrames));
  WaitForFrames();
  kill(Members("learner").at(0), SIGTERM);
  const ExitStatus exit = train.Wait();
  EXPECT_TRUE(exit.ok()) << exit.ToString() << train.Stderr();
  EXPECT_EQ(train.Stderr(), "");
  const nlohmann::json summary = Summary();
  EXPECT_EQ(summary["end_reason"], "stopped");
  const nlohmann::json state =
      nlohmann::json::parse(*ReadFile(Path(summary["checkpoint"]) + "/state.json"));
  for (const char* counter : {"frames", "trained_frames", "updates", "version", "episodes"}) {
    EXPECT_EQ(state[counter], summary[counter]) << counter;
  }
  EXPECT_EQ(summary["eval"]["episodes"], 10);
}

TEST_F(LifecycleTest, AnActorToldToStopLeavesInOrderAndIsReplaced) {
  Program train(Train(kManyFrames));
  WaitForFrames();
  ASSERT_TRUE(WaitFor([&] { return Members("actor").size() == 2; }));
  const pid_t stopped = Members("actor")[0];
  kill(stopped, SIGTERM);
  ASSERT_TRUE(WaitFor([&] {
    const std::vector<pid_t> actors = Members("actor");
    return actors.size() == 2 && std::count(actors.begin(), actors.end(), stopped) == 0;
  })) << Status();
  WaitForFrames(Status()["frames"]);
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok());
  EXPECT_EQ(train.Stderr(), "");  // nobody died
  EXPECT_EQ(Summary()["rejected_unrolls"], 0);
}

TEST_F(LifecycleTest, CtrlCDrainsAndCheckpoints) {
  // It is evaluated for a second, which the actors do not wait for.
  Program train(Train(kManyFrames, {"--set", "evaluation.episodes=1000"}));
  WaitForFrames();
  train.Signal(SIGINT);
  const ExitStatus exit = train.Wait();
  EXPECT_TRUE(exit.ok()) << exit.ToString() << train.Stdout() << train.Stderr();
  EXPECT_EQ(mark_.Running(), std::vector<std::string>());
  const nlohmann::json summary = Summary();
  EXPECT_EQ(summary["end_reason"], "stopped");
  EXPECT_GT(summary["frames"], 0);
  ASSERT_TRUE(summary["checkpoint"].is_string()) << summary;
  EXPECT_TRUE(Exists(summary["checkpoint"].get<std::string>() + "/manifest.json"));
  EXPECT_THAT(train.Stdout(), HasSubstr("stopped: "));
  const std::string log = ReadFile(Path("logs/actor-0.log")).value_or("");
  EXPECT_EQ(log.find("joined run"), log.rfind("joined run")) << "it was started again";
}

TEST_F(LifecycleTest, CtrlCBeforeAnythingRunsEndsToo) {
  Program train(Train(kManyFrames));
  ASSERT_TRUE(WaitFor([&] { return Exists("logs/coordinator-0.log"); }));
  train.Signal(SIGINT);
  train.Wait();
  EXPECT_EQ(mark_.Running(), std::vector<std::string>());
}

TEST_F(LifecycleTest, ASecondCtrlCKills) {
  Program train(Train(kManyFrames, {"--set", "evaluation.episodes=1000000"}));
  WaitForFrames();
  train.Signal(SIGINT);
  ASSERT_TRUE(WaitFor([&] {
    const nlohmann::json status = Status();
    return status.is_object() && status["state"] == "draining";
  }));
  train.Signal(SIGINT);
  EXPECT_EQ(train.Wait().code, 128 + SIGINT);
  EXPECT_TRUE(WaitFor([&] { return mark_.Running().empty(); }));
}

TEST_F(LifecycleTest, AKilledActorIsReplaced) {
  Program train(Train(kManyFrames));
  WaitForFrames();
  ASSERT_TRUE(WaitFor([&] { return Members("actor").size() == 2; }));
  const pid_t killed = Members("actor")[0];
  kill(killed, SIGKILL);
  ASSERT_TRUE(WaitFor([&] {
    const std::vector<pid_t> actors = Members("actor");
    return actors.size() == 2 && std::count(actors.begin(), actors.end(), killed) == 0;
  })) << Status();
  WaitForFrames(Status()["frames"]);
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok());
  EXPECT_THAT(train.Stderr(), HasSubstr("actor 0 died: signal 9"));
}

TEST_F(LifecycleTest, AKilledLearnerGoesOnFromItsCheckpoint) {
  Program train(Train(kManyFrames, {"--set", "checkpoint.every_seconds=0.5"}));
  WaitForFrames();
  ASSERT_TRUE(WaitFor([&] {
    const auto checkpoints = ListDirectory(Path("checkpoints"));
    return checkpoints.ok() && !checkpoints->empty();
  }));
  const uint64_t version = Status()["version"];
  const pid_t killed = Members("learner").at(0);
  kill(killed, SIGKILL);
  ASSERT_TRUE(WaitFor([&] {
    const std::vector<pid_t> learners = Members("learner");
    return learners.size() == 1 && learners[0] != killed;
  })) << Status();
  ASSERT_TRUE(WaitFor([&] {
    const nlohmann::json status = Status();
    return status.is_object() && status["version"] > version;
  })) << ReadFile(Path("logs/learner-0.log")).value_or("");
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
  EXPECT_EQ(Summary()["end_reason"], "stopped");
}

TEST_F(LifecycleTest, FiveDeathsOfAProcessFailTheRun) {
  Program train(Train(kManyFrames));
  WaitForFrames();
  for (int deaths = 0; deaths < 5; ++deaths) {
    pid_t actor = 0;
    ASSERT_TRUE(WaitFor([&] {
      for (const pid_t pid : mark_.Pids("actor")) {
        const std::vector<pid_t> ones = mark_.Pids("1");
        if (std::count(ones.begin(), ones.end(), pid) > 0) actor = pid;
      }
      return actor != 0 || !train.running();
    }));
    if (actor != 0) kill(actor, SIGKILL);
    ASSERT_TRUE(WaitFor([&] { return actor == 0 || kill(actor, 0) != 0; }));
  }
  EXPECT_EQ(train.Wait().code, 1);
  EXPECT_THAT(train.Stderr(), HasSubstr("actor 1 died 5 times within a minute"));
  EXPECT_THAT(train.Stderr(), HasSubstr("logs/actor-1.log"));
  EXPECT_EQ(Summary()["end_reason"], "failed");
  EXPECT_TRUE(Summary()["checkpoint"].is_string());  // what there was is saved
}

TEST_F(LifecycleTest, AKilledLauncherLeavesNoProcess) {
  Program train(Train(kManyFrames));
  WaitForFrames();
  ASSERT_TRUE(WaitFor([&] { return Members("actor").size() == 2; }));
  train.Signal(SIGKILL);
  train.Wait();
  EXPECT_TRUE(WaitFor([&] { return mark_.Running().empty(); }));
  // And the run can be taken up again.
  const Finished resumed = RunProgram(Train("1", {"--resume"}));
  EXPECT_TRUE(resumed.exit.ok()) << resumed.err;
}

}  // namespace
}  // namespace drover
