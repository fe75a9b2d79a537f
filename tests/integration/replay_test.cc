// Topology d4pg with real processes: actors, replay servers, learner, each of which may die.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

#include "tests/support/cluster.h"

namespace drover {
namespace {

using testing::HasSubstr;

class ReplayTest : public ClusterTest {
 protected:
  // A run of Pendulum, small and quick; `more` goes on its command line.
  std::vector<std::string> TrainPendulum(const std::string& config, const std::string& frames,
                                         const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"train",        Runfile("configs/" + config + ".textproto"),
                                      "--run_dir",    run_dir(),
                                      "--max_frames", frames,
                                      "--set",        "evaluation.episodes=20",
                                      "--set",        "exploration.uniform_frames=500"};
    words.insert(words.end(), more.begin(), more.end());
    return Drover(words);
  }
};

TEST_F(ReplayTest, Learns) {
  const Finished train = RunProgram(TrainPendulum("pendulum_d4pg", "8000"));
  ASSERT_TRUE(train.exit.ok()) << train.err;
  EXPECT_EQ(mark_.Running(), std::vector<std::string>());
  const nlohmann::json summary = Summary();
  EXPECT_EQ(summary["topology"], "d4pg");
  EXPECT_EQ(summary["end_reason"], "budget_spent");
  EXPECT_EQ(summary["frames"], 8000);
  // One train step for each step inserted, but for what is on its way at the end.
  EXPECT_LE(summary["updates"], 7500 + 50);
  EXPECT_GE(summary["updates"], 7500 - 100);
  EXPECT_GT(summary["eval"]["mean"], -900) << summary;  // at first about -1,200
  EXPECT_THAT(RunProgram(Drover({"status", run_dir()})).out, HasSubstr("budget spent"));
}

TEST_F(ReplayTest, ShardsShareTheExperience) {
  const Finished train =
      RunProgram(TrainPendulum("pendulum_d4pg", "4000", {"--set", "replay.shards=2"}));
  ASSERT_TRUE(train.exit.ok()) << train.err;
  EXPECT_TRUE(Exists("logs/replay-1.log"));
  EXPECT_EQ(Summary()["frames"], 4000);
  EXPECT_GT(Summary()["updates"], 1000);
}

// What servers had when the run stopped counts once, whether they still have it or not.
TEST_F(ReplayTest, ResumesWithTheFramesItHad) {
  for (const char* durability : {"none", "snapshot"}) {
    SCOPED_TRACE(durability);
    ASSERT_TRUE(RemoveAll(run_dir()).ok());
    const std::string setting = std::string("replay.durability=") + durability;
    ASSERT_TRUE(RunProgram(TrainPendulum("pendulum_td3", "2000", {"--set", setting})).exit.ok());
    EXPECT_EQ(Summary()["frames"], 2000);
    const uint64_t updates = Summary()["updates"];
    EXPECT_GE(updates, 1400U);
    const Finished resumed =
        RunProgram(TrainPendulum("pendulum_td3", "3000", {"--set", setting, "--resume"}));
    ASSERT_TRUE(resumed.exit.ok()) << resumed.err;
    EXPECT_NEAR(Summary()["frames"].get<double>(), 3000, 40);
    EXPECT_GT(Summary()["updates"], updates + 400);
    EXPECT_LE(Summary()["updates"], updates + 1100);
  }
}

TEST_F(ReplayTest, GoesOnWhoeverDies) {
  Program train(TrainPendulum(
      "pendulum_td3", "4000000000",
      {"--actors", "2", "--set", "replay.durability=snapshot", "--set",
       "replay.snapshot_every_seconds=0.2", "--set", "checkpoint.every_seconds=0.2"}));
  WaitForFrames(1000);
  ASSERT_TRUE(WaitFor([&] { return Status()["updates"] > 100; }));
  for (const char* role : {"replay", "actor", "learner", "replay"}) {
    SCOPED_TRACE(role);
    const std::vector<pid_t> before = Members(role);
    ASSERT_FALSE(before.empty());
    kill(before[0], SIGKILL);
    ASSERT_TRUE(WaitFor([&] {
      const std::vector<pid_t> now = Members(role);
      return now.size() == before.size() && now != before;
    }));
    const nlohmann::json status = Status();
    ASSERT_TRUE(WaitFor([&] {
      const nlohmann::json now = Status();
      return now["frames"] > status["frames"] && now["version"] > status["version"];
    })) << Status();
  }
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
  EXPECT_EQ(mark_.Running(), std::vector<std::string>());
}

}  // namespace
}  // namespace drover
