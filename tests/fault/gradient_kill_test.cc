// kill -9 of those who compute gradients and of who applies them, at random moments: each gradient
// is applied once or not at all, and the run still learns.

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/fault/faults.h"

namespace drover {
namespace {

using std::chrono::milliseconds;

class GradientKillTest : public FaultTest {
 protected:
  // Topology a3c, with messages of the same size.
  std::vector<std::string> TrainOn(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words;
    for (const char* setting :
         {"algorithm=a3c", "topology=a3c", "learner.batch=16", "checkpoint.every_seconds=0.2"}) {
      words.insert(words.end(), {"--set", setting});
    }
    words.insert(words.end(), more.begin(), more.end());
    return TrainFast(kManyFrames, words);
  }

  // Steps that are in the weights: each train step has one gradient's.
  void CheckTrained() const {
    const nlohmann::json state = NewestCheckpoint();
    ASSERT_TRUE(state.is_object());
    EXPECT_EQ(state["trained_frames"], state["updates"].get<uint64_t>() * kMessageFrames);
    EXPECT_LE(state["trained_frames"], state["frames"]);  // too old ones are received, not trained
  }
};

TEST_F(GradientKillTest, EachGradientCountsOnceAndTheRunLearns) {
  Program train(TrainOn());
  WaitForFrames();
  for (const char* role : {"actor", "learner", "actor", "learner", "coordinator", "actor"}) {
    Pause(milliseconds(700));
    Kill(role);
  }
  ASSERT_TRUE(WaitFor([&] {
    return Members("actor").size() == 2 && Members("learner").size() == 1;
  })) << Status();
  const nlohmann::json before = Status();
  ASSERT_TRUE(WaitFor([&] {
    const nlohmann::json now = Status();
    return now.is_object() && now["updates"] > 0 && now["version"] > before["version"];
  })) << Status();
  Pause(milliseconds(300));
  train.Signal(SIGKILL);
  train.Wait();
  EXPECT_TRUE(WaitFor([&] { return mark_.Running().empty(); }));
  CheckCounts();
  CheckTrained();

  const Finished target = RunProgram(TrainOn({"--resume", "--set", "target.return=0.9"}));
  ASSERT_TRUE(target.exit.ok()) << target.out << target.err;
  EXPECT_EQ(Summary()["end_reason"], "target_reached");
  CheckCounts();
  CheckTrained();
}

// Its successor takes its place; what it was about to send is lost, and no more.
TEST_F(GradientKillTest, AStoppedActorIsFencedAndComesBack) {
  Program train(TrainOn());
  WaitForFrames();
  const nlohmann::json member = AwaitMember("actor", 0, [](const nlohmann::json& actor) {
    return actor["metrics"]["sent_messages"] > 0;
  });
  const pid_t stopped = member["pid"];
  kill(stopped, SIGSTOP);
  ASSERT_TRUE(WaitFor([&] { return Members("actor").size() == 1; }));  // its lease ran out
  const nlohmann::json alone = Status();
  ASSERT_TRUE(WaitFor([&] { return Status()["frames"] > alone["frames"]; }));
  kill(stopped, SIGCONT);
  const nlohmann::json back = AwaitMember("actor", 0, [&](const nlohmann::json& actor) {
    return actor["alive"] == true && actor["epoch"] > member["epoch"];
  });
  EXPECT_TRUE(WaitFor([&] {
    return Member("actor", 0)["metrics"]["sent_messages"] > back["metrics"]["sent_messages"];
  }));
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
  CheckCounts();
  CheckTrained();
}

}  // namespace
}  // namespace drover
