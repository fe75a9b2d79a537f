// kill -9 of every process there is, at random moments: the run goes on, counts each frame once,
// and reaches its target.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <map>

#include "tests/fault/faults.h"

namespace drover {
namespace {

using std::chrono::milliseconds;

class KillTest : public FaultTest {
 protected:
  std::vector<std::string> TrainOn(const std::string& frames,
                                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"--set", "checkpoint.every_seconds=0.2"};
    words.insert(words.end(), more.begin(), more.end());
    return TrainFast(frames, words);
  }
};

TEST_F(KillTest, ARunSurvivesKillsAndReachesItsTarget) {
  Program train(TrainOn(kManyFrames));
  WaitForFrames();
  std::vector<std::string> roles = {"actor",   "actor",       "learner",
                                    "learner", "coordinator", "coordinator"};
  for (size_t i = roles.size(); i > 1; --i) std::swap(roles[i - 1], roles[random_.Below(i)]);
  for (const std::string& role : roles) {
    Pause(milliseconds(1000));
    Kill(role);
  }
  nlohmann::json before;
  ASSERT_TRUE(WaitFor([&] { return (before = Status()).is_object(); }));
  // Both actors and the learner are there again, and training goes on.
  ASSERT_TRUE(WaitFor([&] {
    return Members("actor").size() == 2 && Members("learner").size() == 1;
  })) << Status();
  ASSERT_TRUE(WaitFor([&] {
    const nlohmann::json now = Status();
    return now.is_object() && now["updates"] > 0 && now["version"] > before["version"];
  })) << Status();
  EXPECT_TRUE(train.running()) << train.Stderr();

  Pause(milliseconds(500));
  train.Signal(SIGKILL);
  train.Wait();
  EXPECT_TRUE(WaitFor([&] { return mark_.Running().empty(); }));
  CheckCounts();

  const Finished target =
      RunProgram(TrainOn(kManyFrames, {"--resume", "--set", "target.return=0.9"}));
  ASSERT_TRUE(target.exit.ok()) << target.out << target.err;
  EXPECT_EQ(Summary()["end_reason"], "target_reached");
  CheckCounts();

  // Nothing is accepted past a budget.
  const uint64_t frames = Summary()["frames"];
  const std::string budget = std::to_string(frames + 200 * kMessageFrames);
  const Finished spent = RunProgram(TrainOn(budget, {"--resume"}));
  ASSERT_TRUE(spent.exit.ok()) << spent.out << spent.err;
  EXPECT_EQ(Summary()["end_reason"], "budget_spent");
  EXPECT_EQ(Summary()["frames"], frames + 200 * kMessageFrames);
  CheckCounts();
}

TEST_F(KillTest, AKilledCoordinatorKnowsItsRunAndKeepsItsMembers) {
  Program train(TrainOn(kManyFrames));
  WaitForFrames();
  ASSERT_TRUE(WaitFor([&] { return Members("actor").size() == 2; }));
  const nlohmann::json before = Status();
  const auto epochs = [](const nlohmann::json& status) {
    std::map<std::string, uint64_t> epochs;
    for (const nlohmann::json& member : status["members"]) {
      EXPECT_EQ(member["alive"], true) << member;
      epochs[member["role"].get<std::string>() + member["index"].dump()] = member["epoch"];
    }
    return epochs;
  };
  Pause(milliseconds(1000));
  const pid_t killed = Kill("coordinator");
  // Its members come back to it: each has renewed with the epoch that it had.
  nlohmann::json after;
  ASSERT_TRUE(WaitFor([&] {
    after = Status();
    return after.is_object() && after["frames"] > before["frames"] &&
           after["uptime_seconds"] > 4;  // more than a lease
  })) << after;
  EXPECT_EQ(after["run_id"], before["run_id"]);
  EXPECT_EQ(after["state"], "running");
  EXPECT_EQ(epochs(after), epochs(before));
  EXPECT_NE(mark_.Pids("coordinator").at(0), killed);

  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
  CheckCounts();
}

TEST_F(KillTest, ARunEndsInOrderAlsoWhenItsCoordinatorAndItsLearnerDieWhileItDrains) {
  Program train(TrainOn(kManyFrames, {"--set", "evaluation.episodes=100000"}));
  WaitForFrames();
  train.Signal(SIGTERM);
  ASSERT_TRUE(WaitFor([&] {
    const nlohmann::json status = Status();
    return status.is_object() && status["state"] == "draining";
  }));
  const bool learner_first = random_.Below(2) == 0;
  Pause(milliseconds(200));
  Kill(learner_first ? "learner" : "coordinator");
  Pause(milliseconds(200));
  Kill(learner_first ? "coordinator" : "learner");
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
  EXPECT_EQ(Summary()["end_reason"], "stopped");
  EXPECT_EQ(Summary()["eval"]["episodes"], 100000) << Summary();
  CheckCounts();
}

}  // namespace
}  // namespace drover
