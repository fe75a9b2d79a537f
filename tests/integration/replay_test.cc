// Topology d4pg with real processes: actors, replay servers, learner, each of which may die.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "bench/process_usage.h"
#include "tests/support/cluster.h"
#include "tests/support/small_disk.h"

namespace drover {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ReplayTest : public ClusterTest {
 protected:
  // A run of Pendulum, small and quick; `more` goes on its command line.
  std::vector<std::string> TrainPendulum(const std::string& config, const std::string& frames,
                                         const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"train",     Runfile("configs/" + config + ".textproto"),
                                      "--run_dir", run_dir(),
                                      "--set",     "evaluation.episodes=1",
                                      "--set",     "learner.batch=32",
                                      "--set",     "exploration.uniform_frames=500"};
    for (const std::string& word : Budget(frames, 1e-3)) words.push_back(word);
    words.insert(words.end(), more.begin(), more.end());
    return Drover(words);
  }

  // Of the first server, by number; the newest is the last.
  std::vector<uint64_t> Snapshots() const {
    std::vector<uint64_t> numbers;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(Path("replay/0"), none)) {
      uint64_t number = 0;
      if (absl::SimpleAtoi(entry.path().filename().string(), &number)) numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }
};

TEST_F(ReplayTest, Learns) {
  const Finished train = RunProgram(TrainPendulum(
      "pendulum_d4pg", "8000", {"--set", "learner.batch=128", "--set", "evaluation.episodes=20"}));
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
      "pendulum_td3", kManyFrames,
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

// While a server or the learner stands still, whoever needs it says that it waits, and keeps no
// more in memory.
TEST_F(ReplayTest, WaitsForWhoStandsStillInBoundedMemory) {
  constexpr uint64_t kGrowth = 64 << 20;
  Program train(TrainPendulum("pendulum_td3", kManyFrames, {"--actors", "2"}));
  WaitForFrames(1000);
  ASSERT_TRUE(WaitFor([&] { return Status()["updates"] > 100; }));
  for (const auto& [stopped, waiting] :
       {std::make_pair("replay", "learner"), std::make_pair("learner", "replay")}) {
    SCOPED_TRACE(stopped);
    std::map<pid_t, uint64_t> before;
    for (const char* role : {"actor", waiting}) {
      for (const pid_t pid : Members(role)) {
        before[pid] = ReadProcessUsage(pid)->resident_bytes;
      }
    }
    EXPECT_EQ(before.size(), 3U);
    const pid_t pid = Members(stopped)[0];
    kill(pid, SIGSTOP);
    EXPECT_TRUE(WaitFor([&, waiting = waiting] {
      const nlohmann::json now = Status();
      for (const nlohmann::json& member : now["members"]) {
        if (member["role"] != waiting) continue;
        for (const nlohmann::json& wait : member["waits"]) {
          if (wait["seconds"] > 1) return true;
        }
      }
      return false;
    })) << Status();
    for (const auto& [other, bytes] : before) {
      EXPECT_LT(ReadProcessUsage(other)->resident_bytes, bytes + kGrowth);
    }
    const nlohmann::json status = Status();
    kill(pid, SIGCONT);
    EXPECT_TRUE(WaitFor([&] {
      const nlohmann::json now = Status();
      return now["frames"] > status["frames"] && now["version"] > status["version"];
    })) << Status();
  }
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
  EXPECT_EQ(train.Stderr(), "");  // nobody died
}

TEST_F(ReplayTest, AFullDiskIsAnAlarmAndTrainingGoesOn) {
  if (!MountSmallDisk(run_dir(), 8 << 20)) GTEST_SKIP() << "may not mount a disk here";
  Program train(TrainPendulum(
      "pendulum_td3", kManyFrames,
      {"--set", "replay.durability=snapshot", "--set", "replay.snapshot_every_seconds=0.2"}));
  const auto server = [&] {
    const nlohmann::json status = Status();
    for (const auto& member : status["members"]) {
      if (member["role"] == "replay" && member.contains("replay")) return member["replay"];
    }
    return nlohmann::json();
  };
  ASSERT_TRUE(WaitFor([&] {
    const nlohmann::json status = Status();
    return status.is_object() && status["updates"] > 50 && !Snapshots().empty();
  }));
  FillDisk(Path("filler"));
  ASSERT_TRUE(WaitFor([&] { return server()["checkpoint_error"].is_string(); })) << Status();
  EXPECT_THAT(server()["checkpoint_error"], HasSubstr("No space left on device"));
  EXPECT_THAT(RunProgram(Drover({"status", run_dir()})).out, HasSubstr("ALARM"));
  const uint64_t updates = Status()["updates"];
  ASSERT_TRUE(WaitFor([&] { return Status()["updates"] > updates + 100; }));
  EXPECT_FALSE(Snapshots().empty());  // the last good one stays

  fs::remove(Path("filler"));
  EXPECT_TRUE(WaitFor([&] { return server()["checkpoint_error"].is_null(); })) << Status();
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
}

TEST_F(ReplayTest, ADamagedSnapshotFallsBackToTheOneBefore) {
  const std::vector<std::string> durable = {"--set", "replay.durability=snapshot", "--set",
                                            "replay.snapshot_every_seconds=0.3"};
  ASSERT_TRUE(RunProgram(TrainPendulum("pendulum_td3", "2000", durable)).exit.ok());
  const std::vector<uint64_t> snapshots = Snapshots();
  ASSERT_EQ(snapshots.size(), 2U);  // replay.keep
  const std::string newest = std::to_string(snapshots[1]);
  for (const auto& entry : fs::directory_iterator(Path("replay/0/" + newest))) {
    fs::resize_file(entry.path(), fs::file_size(entry.path()) / 2);
  }
  ASSERT_TRUE(RemoveAll(Path("logs")).ok());
  std::vector<std::string> more = durable;
  more.emplace_back("--resume");
  const Finished resumed = RunProgram(TrainPendulum("pendulum_td3", "3000", more));
  ASSERT_TRUE(resumed.exit.ok()) << resumed.err;
  const std::string log = *ReadFile(Path("logs/replay-0.log"));
  EXPECT_THAT(log, HasSubstr("checkpoint " + newest + " is left out"));
  EXPECT_THAT(log, HasSubstr("goes on from " + Path("replay/0/" + std::to_string(snapshots[0]))));
  EXPECT_GE(Summary()["frames"], 3000);
}

// A table that is owed no samples for a long while holds the learner back, and who asks sees whom.
TEST_F(ReplayTest, ALimiterMovesWhileItRuns) {
  Program train(TrainPendulum("pendulum_td3", kManyFrames));
  ASSERT_TRUE(WaitFor([&] { return Status()["updates"] > 50; }));
  const auto limit = [&](const std::vector<std::string>& flags) {
    std::vector<std::string> words = {"limit", run_dir()};
    words.insert(words.end(), flags.begin(), flags.end());
    return RunProgram(Drover(words));
  };
  const Finished moved = limit({"--min_diff", "1e9", "--max_diff", "2e9"});
  ASSERT_TRUE(moved.exit.ok()) << moved.err;
  EXPECT_THAT(moved.out, HasSubstr("min_diff 1e+09, max_diff 2e+09"));
  ASSERT_TRUE(WaitFor([&] {
    return RunProgram(Drover({"status", run_dir()})).out.find("waits for replay") !=
           std::string::npos;
  })) << RunProgram(Drover({"status", run_dir()})).out;
  const uint64_t updates = Status()["updates"];
  ASSERT_TRUE(limit({"--min_diff=-1e9"}).exit.ok());
  EXPECT_TRUE(WaitFor([&] { return Status()["updates"] > updates + 100; })) << Status();

  EXPECT_THAT(limit({"--samples_per_insert", "0"}).err, HasSubstr("samples_per_insert"));
  EXPECT_THAT(limit({"--table", "nothing"}).err, HasSubstr("nothing"));
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
}

}  // namespace
}  // namespace drover
