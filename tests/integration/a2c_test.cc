// Topology a2c with real processes: a barrier of those who live, the same weights each time.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/cluster.h"

namespace drover {
namespace {

class A2cTest : public ClusterTest {
 protected:
  // `more` goes on its command line.
  std::vector<std::string> TrainA2c(const std::string& dir, const std::string& frames,
                                    const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"train",     Runfile("configs/cartpole_a2c.textproto"),
                                      "--run_dir", dir,
                                      "--set",     "evaluation.episodes=10",
                                      "--set",     "actors.environments=8"};
    for (const std::string& word : Budget(frames)) words.push_back(word);
    words.insert(words.end(), more.begin(), more.end());
    return Drover(words);
  }

  // What a run of `dir` ends with: weights and optimiser, byte for byte.
  std::string Train(const std::string& dir, const std::string& seed) const {
    const Finished train =
        RunProgram(TrainA2c(dir, "20000",
                            {"--seed", seed, "--set", "model.normalization.observations=true",
                             "--set", "model.normalization.returns=true"}));
    EXPECT_TRUE(train.exit.ok()) << train.err;
    const nlohmann::json summary = nlohmann::json::parse(*ReadFile(dir + "/summary.json"));
    EXPECT_EQ(summary["frames"], 20000);
    EXPECT_EQ(summary["updates"], 250);  // of 2 * 8 segments of 5 steps
    EXPECT_EQ(summary["policy_lag"]["max"], 0);
    const std::string last = dir + "/" + summary["checkpoint"].get<std::string>();
    return *ReadFile(last + "/weights.safetensors") + *ReadFile(last + "/optimizer.safetensors");
  }

  void ExpectTrainingGoesOn() const {
    const uint64_t frames = Status()["frames"];
    WaitForFrames(frames + 10000);
  }

  // The two actors, by index.
  std::vector<nlohmann::json> Actors() const {
    std::vector<nlohmann::json> actors;
    const nlohmann::json status = Status();
    for (const auto& member : status["members"]) {
      if (member["role"] == "actor") actors.push_back(member);
    }
    std::sort(actors.begin(), actors.end(), [](const auto& a, const auto& b) {
      return a["index"].template get<int>() < b["index"].template get<int>();
    });
    return actors;
  }
};

TEST_F(A2cTest, TwoRunsMakeTheSameWeights) {
  const std::string first = Train(directory_.path() + "/first", "3");
  EXPECT_TRUE(first == Train(directory_.path() + "/second", "3"));
  EXPECT_FALSE(first == Train(directory_.path() + "/other", "4"));
}

TEST_F(A2cTest, Learns) {
  const Finished train = RunProgram(TrainA2c(run_dir(), "200000"));
  ASSERT_TRUE(train.exit.ok()) << train.err;
  EXPECT_EQ(Summary()["topology"], "a2c");
  EXPECT_GT(Summary()["eval"]["mean"], 60);  // at first about 20
}

TEST_F(A2cTest, TheBarrierGoesOnWithoutThoseWhoStandStill) {
  Program train(TrainA2c(run_dir(), kManyFrames));
  WaitForFrames(10000);
  const std::vector<nlohmann::json> before = Actors();
  ASSERT_EQ(before.size(), 2U);
  kill(before[0]["pid"], SIGSTOP);
  ASSERT_TRUE(WaitFor([&] { return Members("actor").size() == 1; }));  // its lease is over
  ExpectTrainingGoesOn();
  kill(before[0]["pid"], SIGCONT);
  // It is fenced, and acts again with a new epoch; the rounds are of two then.
  ASSERT_TRUE(WaitFor([&] { return Members("actor").size() == 2; }));
  const std::vector<nlohmann::json> after = Actors();
  EXPECT_EQ(after[0]["pid"], before[0]["pid"]);
  EXPECT_GT(after[0]["epoch"], before[0]["epoch"]);
  const double sent = after[0]["metrics"].value("sent_messages", 0.0);
  EXPECT_TRUE(
      WaitFor([&] { return Actors()[0]["metrics"].value("sent_messages", 0.0) > sent + 100; }));
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
  EXPECT_EQ(mark_.Running(), std::vector<std::string>());
}

TEST_F(A2cTest, AnActorThatReplacesAnotherTakesItsRank) {
  Program train(TrainA2c(run_dir(), kManyFrames));
  WaitForFrames(10000);
  for (int i = 0; i < 3; ++i) {
    const std::vector<nlohmann::json> before = Actors();
    ASSERT_EQ(before.size(), 2U);
    kill(before[1]["pid"], SIGKILL);
    ASSERT_TRUE(WaitFor([&] {
      const std::vector<nlohmann::json> now = Actors();
      return now.size() == 2 && now[1]["alive"] && now[1]["pid"] != before[1]["pid"];
    }));
    ExpectTrainingGoesOn();
  }
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
}

}  // namespace
}  // namespace drover
