// The main job, with real processes: train, evaluate, and what the run leaves behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "tests/support/cluster.h"

namespace drover {
namespace {

using ::testing::HasSubstr;

class TrainTest : public ClusterTest {};

TEST_F(TrainTest, RunsToTheEndOfItsBudget) {
  // A multiple of what a message carries: nothing is accepted past the budget.
  const Finished train = RunProgram(Train("28800"));
  ASSERT_TRUE(train.exit.ok()) << train.exit.ToString() << train.out << train.err;
  EXPECT_EQ(mark_.Running(), std::vector<std::string>());

  const nlohmann::json summary = Summary();
  EXPECT_EQ(summary["name"], "catch_impala");
  EXPECT_EQ(summary["algorithm"], "impala");
  EXPECT_EQ(summary["topology"], "impala");
  EXPECT_EQ(summary["environment"], "Catch-v0");
  EXPECT_EQ(summary["seed"], 1);
  EXPECT_EQ(summary["end_reason"], "budget_spent");
  EXPECT_EQ(summary["frames"], 28800);
  EXPECT_GT(summary["trained_frames"], 0);
  EXPECT_LE(summary["trained_frames"], summary["frames"]);
  EXPECT_GT(summary["updates"], 0);
  EXPECT_GT(summary["seconds"], 0);
  EXPECT_NEAR(summary["frames_per_second"].get<double>(), 28800 / summary["seconds"].get<double>(),
              1);
  EXPECT_TRUE(summary["mean_return"].is_number());
  EXPECT_EQ(summary["eval"]["episodes"], 10);
  EXPECT_TRUE(summary["eval"]["mean"].is_number());
  EXPECT_TRUE(summary["eval"]["std"].is_number());
  EXPECT_GE(summary["policy_lag"]["max"], summary["policy_lag"]["mean"]);
  EXPECT_EQ(summary["reached_target"], false);
  EXPECT_TRUE(summary["frames_to_target"].is_null());
  EXPECT_TRUE(summary["seconds_to_target"].is_null());

  for (const char* file :
       {"config.textproto", "metrics.jsonl", "tensorboard", "logs/coordinator-0.log",
        "logs/learner-0.log", "logs/actor-0.log", "logs/actor-1.log"}) {
    EXPECT_TRUE(Exists(file)) << file;
  }
  const std::string checkpoint = summary["checkpoint"];
  for (const char* file :
       {"weights.safetensors", "optimizer.safetensors", "state.json", "manifest.json"}) {
    EXPECT_TRUE(Exists(checkpoint + "/" + file)) << checkpoint << "/" << file;
  }
  EXPECT_FALSE(Metrics().empty());
  EXPECT_THAT(train.out, HasSubstr("budget spent: 28,800 frames"));
  EXPECT_THAT(train.out, HasSubstr("over 10 greedy episodes"));
  EXPECT_THAT(train.out, HasSubstr(run_dir()));
  EXPECT_EQ(train.err, "");
  // Nobody was started again because it knew of the end first.
  const std::vector<std::string> joined =
      absl::StrSplit(*ReadFile(Path("logs/coordinator-0.log")), " joined: ");
  EXPECT_EQ(joined.size(), 1 + 3U);

  // The checkpoint is of the policy the run ended with: the same episodes have the same returns.
  const std::vector<std::string> flags = {"--episodes", "10", "--seed", "1000001", "--json"};
  for (const std::string& what : {run_dir(), Path(checkpoint)}) {
    std::vector<std::string> words = {"eval", what};
    words.insert(words.end(), flags.begin(), flags.end());
    const Finished eval = RunProgram(Drover(words));
    ASSERT_TRUE(eval.exit.ok()) << eval.err;
    EXPECT_EQ(nlohmann::json::parse(eval.out), summary["eval"]) << eval.out;
  }
}

TEST_F(TrainTest, EndsWhenTheTargetIsReached) {
  const Finished train = RunProgram(Train("1000000", {"--set", "target.return=0.5"}));
  ASSERT_TRUE(train.exit.ok()) << train.err;
  const nlohmann::json summary = Summary();
  EXPECT_EQ(summary["end_reason"], "target_reached");
  EXPECT_EQ(summary["reached_target"], true);
  EXPECT_LE(summary["frames_to_target"], summary["frames"]);
  EXPECT_LE(summary["seconds_to_target"], summary["seconds"]);
  EXPECT_LT(summary["frames"], 1000000);
  EXPECT_THAT(train.out, HasSubstr("target reached: "));
}

TEST_F(TrainTest, AnEvaluatorPlaysMeanwhileAndMayDecide) {
  const Finished train =
      RunProgram(Train("1000000", {"--set", "evaluation.every_frames=5000", "--set",
                                   "target.return=-0.9", "--set", "target.source=evaluator"}));
  ASSERT_TRUE(train.exit.ok()) << train.err;
  EXPECT_TRUE(Exists("logs/evaluator-0.log"));
  EXPECT_EQ(Summary()["end_reason"], "target_reached");
  int points = 0;
  for (const nlohmann::json& line : Metrics()) {
    if (!line.contains("evaluation")) continue;
    ++points;
    EXPECT_TRUE(line["evaluation"]["mean"].is_number()) << line;
    EXPECT_EQ(line["evaluation"]["episodes"], 10) << line;
  }
  EXPECT_GE(points, 2);
}

TEST_F(TrainTest, ResumesWhereItStopped) {
  ASSERT_TRUE(RunProgram(Train("14400")).exit.ok());
  const nlohmann::json first = Summary();
  const Finished again = RunProgram(Train("28800"));
  EXPECT_EQ(again.exit.code, 2);
  EXPECT_THAT(again.err, HasSubstr("--resume"));
  EXPECT_EQ(Summary(), first);

  const Finished resumed = RunProgram(Train("28800", {"--resume"}));
  ASSERT_TRUE(resumed.exit.ok()) << resumed.err;
  const nlohmann::json second = Summary();
  EXPECT_EQ(second["frames"], 28800);
  EXPECT_GT(second["updates"], first["updates"]);
  EXPECT_GT(second["version"], first["version"]);
  EXPECT_GT(second["seconds"], first["seconds"]);
}

}  // namespace
}  // namespace drover
