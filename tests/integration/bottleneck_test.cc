// Runs whose bottleneck is planted: `drover status` names it, with the setting that moves it. A
// slow network is planted in tests/deploy/hosts_test.cc.

#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

#include "tests/support/cluster.h"

namespace drover {
namespace {

class BottleneckTest : public ClusterTest {
 protected:
  // Starts the run, waits until it names `name`, and stops it.
  void ExpectBottleneck(const std::vector<std::string>& command, const std::string& name,
                        const std::string& setting) {
    Program run(command);
    nlohmann::json last;
    EXPECT_TRUE(WaitFor([&] {
      const nlohmann::json status = Status();
      if (status.is_null() || !status.contains("bottleneck")) return false;
      last = status["bottleneck"];
      return last["name"] == name;
    })) << "it names "
        << last << run.Stderr();
    ASSERT_FALSE(last.is_null());
    EXPECT_NE(last.value("setting", "").find(setting), std::string::npos) << last;
    EXPECT_NE(last.value("why", ""), "");
    run.Signal(SIGINT);
    run.Wait();
  }

  // Without an end.
  std::vector<std::string> Run(const std::string& config,
                               const std::vector<std::string>& settings) const {
    std::vector<std::string> words = {"train",        Runfile("configs/" + config + ".textproto"),
                                      "--run_dir",    run_dir(),
                                      "--max_frames", "1000000000"};
    for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
    words.insert(words.end(), {"--set", "evaluation.episodes=1"});
    return Drover(words);
  }
};

TEST_F(BottleneckTest, Environment) {
  ExpectBottleneck(
      Run("catch_impala", {"target.return=2", "environment_options.step_seconds=0.005"}),
      "environment", "actors.count");
}

// One environment: a forward pass each step, for a batch of one.
TEST_F(BottleneckTest, Inference) {
  ExpectBottleneck(Run("catch_impala", {"target.return=2", "actors.count=1",
                                        "actors.environments=1", "model.layers=1024,1024"}),
                   "inference", "actors.environments");
}

TEST_F(BottleneckTest, Learner) {
  ExpectBottleneck(Run("cartpole_ppo", {"update.epochs=25"}), "learner", "update.epochs");
}

TEST_F(BottleneckTest, ReplaysLimiter) {
  ExpectBottleneck(
      Run("pendulum_td3", {"target.return=1", "replay.tables.rate_limit.samples_per_insert=1"}),
      "replay's limiter", "samples_per_insert");
}

}  // namespace
}  // namespace drover
