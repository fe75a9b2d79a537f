// `drover up --on=slurm` on a real Slurm of four nodes: started, scaled, hurt, ended.

#include "tests/support/slurm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "tests/support/cluster.h"

namespace drover {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SlurmTest : public ClusterTest {
 protected:
  void SetUp() override {
    if (const std::string why = Slurm::Lacks(); !why.empty()) {
      std::cout << "DROVER-SKIPPED: " << why << std::endl;
      GTEST_SKIP() << why;
    }
    slurm_.emplace(directory_.path() + "/slurm");
  }

  std::vector<std::string> Up(const std::vector<std::string>& more,
                              const std::string& config = "cartpole_impala") const {
    std::vector<std::string> words = {"up",         Runfile("configs/" + config + ".textproto"),
                                      "--on=slurm", "--insecure",
                                      "--run_dir",  run_dir(),
                                      "--set",      "cluster.learner.memory_mib=2000",
                                      "--set",      "cluster.actor.cores=4"};
    words.insert(words.end(), more.begin(), more.end());
    return Drover(words);
  }

  // A number of `drover status`; 0: it says none.
  double Figure(const char* name) const {
    const nlohmann::json status = Status();
    return status.is_object() && status[name].is_number() ? status[name].get<double>() : 0;
  }

  // A run of so many actors that goes on until it is told to end.
  void UpDetached(const std::string& actors) const {
    const Finished up =
        RunProgram(Up({"--actors", actors, "--detach", "--max_frames", kManyFrames, "--set",
                       "target.return=1000", "--set", "checkpoint.every_seconds=1"}));
    ASSERT_TRUE(up.exit.ok()) << up.err << ReadFile(Path("logs/launcher-0.log")).value_or("");
  }

  void Down() const {
    const Finished down = RunProgram(Drover({"down", run_dir()}));
    EXPECT_TRUE(down.exit.ok()) << down.err;
    EXPECT_EQ(Summary()["end_reason"], "stopped");
    EXPECT_TRUE(WaitFor([&] { return slurm_->Queue().empty(); }));  // others' jobs, too
  }

  bool ActorsAre(size_t count) const {
    return WaitFor([&] { return Members("actor").size() == count; });
  }

  bool Scale(const char* actors) const {
    return RunProgram(Drover({"scale", run_dir(), "--actors", actors, "--wait", "60"})).exit.ok();
  }

  // The learner is moved, as by a person, and a node is lost at the same time.
  void MoveLearnerAndKillNode(const std::string& node) const {
    const std::vector<pid_t> learner = Members("learner");
    ASSERT_TRUE(RunProgram({"scontrol", "requeue", slurm_->LearnersJob()}).exit.ok());
    slurm_->KillNode(node, mark_);
    ASSERT_TRUE(WaitFor([&] {
      const auto now = Members("learner");
      return now.size() == 1 && now != learner;
    })) << Status();
    EXPECT_TRUE(ActorsAre(3)) << Status();
    ExpectNextLearnerGoesOn();
  }

  // From the checkpoint of the one before; what that one trained until it was moved counts nothing.
  void ExpectNextLearnerGoesOn() const {
    const auto log = [&] { return ReadFile(Path("logs/learner-0.log")).value_or(""); };
    EXPECT_TRUE(WaitFor([&] { return absl::StrContains(log(), "goes on from"); })) << log();
    const double version = Figure("version");
    EXPECT_TRUE(WaitFor([&] { return Figure("version") > version + 100; })) << Status() << log();
  }

  // Somebody whose jobs count more takes a whole node, for a while.
  void Preempt(const std::string& node) const {
    const std::string job =
        slurm_->Submit({"--job-name=urgent", "--partition=urgent", "--nodelist=" + node,
                        "--exclusive", "--output=/dev/null", "--wrap=exec sleep 600"});
    const std::string runs = "urgent N/A RUNNING " + node;
    EXPECT_TRUE(WaitFor([&] {
      const std::vector<std::string> queue = slurm_->Queue();
      return std::count(queue.begin(), queue.end(), runs) == 1;
    })) << ::testing::PrintToString(slurm_->Queue());
    EXPECT_TRUE(ActorsAre(3)) << Status() << ::testing::PrintToString(slurm_->Queue());
    EXPECT_THAT(slurm_->Queue(), Contains(runs)) << "it was there all the time";
    EXPECT_TRUE(RunProgram({"scancel", job}).exit.ok());
  }

  // What `drover doctor` finds about placing the run.
  nlohmann::json Doctor(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"doctor", Runfile("configs/cartpole_impala.textproto"),
                                      "--on=slurm", "--insecure", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Finished doctor = RunProgram(Drover(words));
    nlohmann::json all = nlohmann::json::parse(doctor.out);
    for (const nlohmann::json& finding : all["findings"]) {
      if (finding["what"] == "--on=slurm") return finding;
    }
    ADD_FAILURE() << doctor.out << doctor.err;
    return nullptr;
  }

  std::optional<Slurm> slurm_;
};

TEST_F(SlurmTest, WhatCannotBePlacedIsRefusedAndLeavesNothing) {
  const struct {
    std::vector<std::string> more;
    const char* why;
  } cases[] = {
      {{"--set", "cluster.slurm.partition=nope"}, "no partition \"nope\""},
      {{"--set", "cluster.slurm.partition=small", "--actors", "9"}, "holds at most 1 actors"},
      {{"--set", "cluster.learner.gpus=1"}, "no node for learner 0"},
  };
  for (const auto& c : cases) {
    const Finished up = RunProgram(Up(c.more));
    EXPECT_EQ(up.exit.code, 2) << c.why;
    EXPECT_THAT(up.err, HasSubstr(c.why));
    EXPECT_FALSE(std::filesystem::exists(run_dir())) << c.why;
  }
  EXPECT_EQ(Doctor({})["level"], "ok");
  nlohmann::json nope = Doctor({"--set", "cluster.slurm.partition=nope"});
  EXPECT_EQ(nope["level"], "wrong");
  EXPECT_THAT(nope["found"].get<std::string>(), HasSubstr("there is main, small, urgent"));
  EXPECT_THAT(nope["mend"].get<std::string>(), HasSubstr("cluster.slurm.partition"));
}

TEST_F(SlurmTest, AHalfStartedClusterEndsWithItsReasonAndLeavesNothing) {
  // Slurm refuses the script.
  const Finished refused = RunProgram(Up({"--set", "cluster.slurm.options=--no-such-flag"}));
  EXPECT_EQ(refused.exit.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("no-such-flag"));
  EXPECT_THAT(slurm_->Queue(), IsEmpty());
  // All start, but the learner cannot live here.
  ASSERT_TRUE(RemoveAll(run_dir()).ok());
  const Finished half = RunProgram(Up({"--set", "device=cuda", "--set", "cluster.learner.gpus=0"}));
  EXPECT_EQ(half.exit.code, 1);
  EXPECT_THAT(half.err, HasSubstr("the run failed; the end of " + Path("logs/learner-0.log")));
  EXPECT_THAT(half.err, HasSubstr("cuda"));
  EXPECT_THAT(slurm_->Queue(), IsEmpty());
}

TEST_F(SlurmTest, TrainsScalesSurvivesAndEnds) {
  ASSERT_NO_FATAL_FAILURE(UpDetached("2"));
  EXPECT_TRUE(ActorsAre(2)) << Status();
  ASSERT_TRUE(WaitFor([&] { return Figure("mean_return") >= 475; })) << Status();

  EXPECT_TRUE(Scale("6"));
  std::set<std::string> nodes;
  for (const std::string& job : slurm_->Queue()) nodes.insert(job.substr(job.rfind(' ') + 1));
  EXPECT_EQ(nodes.size(), 4u) << "not over the nodes";
  EXPECT_EQ(RunProgram(Drover({"scale", run_dir(), "--actors", "60"})).exit.code, 2);
  EXPECT_TRUE(Scale("3"));
  EXPECT_TRUE(WaitFor([&] { return slurm_->Queue().size() == 5; }));

  MoveLearnerAndKillNode("n2");
  const Finished logs = RunProgram(Drover({"logs", "learner", "--run", run_dir()}));
  EXPECT_THAT(logs.out, HasSubstr("joined run"));
  Down();
}

TEST_F(SlurmTest, GoesOnElsewhereWhenItsNodesArePreempted) {
  ASSERT_NO_FATAL_FAILURE(UpDetached("3"));
  ASSERT_TRUE(ActorsAre(3)) << Status();
  Preempt(slurm_->NodeOf("actor 2"));
  // As many clusters have it. Coordinator and learner are on one node, and on another soon.
  ASSERT_TRUE(
      RunProgram({"scontrol", "update", "PartitionName=main", "PreemptMode=REQUEUE"}).exit.ok());
  const std::string learner = slurm_->LearnersJob();
  Preempt(slurm_->NodeOf("learner N/A"));
  EXPECT_EQ(slurm_->LearnersJob(), learner) << "it was not requeued";
  ExpectNextLearnerGoesOn();
  Down();
}

// docs/deploy.md: the scripts, submitted by a person.
TEST_F(SlurmTest, AnyoneMaySubmitTheScripts) {
  // It ends with an evaluation of nine seconds: longer than Slurm waits for who is cancelled.
  const Finished prepared =
      RunProgram(Up({"--prepare", "--actors", "2", "--set", "target.return=2", "--set",
                     "environment_options.step_seconds=0.01", "--set", "evaluation.episodes=100"},
                    "catch_impala"));
  ASSERT_TRUE(prepared.exit.ok()) << prepared.err;
  EXPECT_THAT(slurm_->Queue(), IsEmpty());
  // In any order: who comes early waits.
  slurm_->Submit({"--array=0-1", Path("slurm/actor.sbatch")});
  slurm_->Submit({Path("slurm/learner.sbatch")});
  slurm_->Submit({Path("slurm/coordinator.sbatch")});
  ASSERT_TRUE(ActorsAre(2)) << Status();
  WaitForFrames();

  // Who scales it has a launcher, which takes over what it finds.
  EXPECT_TRUE(Scale("3"));
  EXPECT_EQ(slurm_->Queue().size(), 5u);
  const std::vector<pid_t> launcher = mark_.Pids("launch");
  ASSERT_EQ(launcher.size(), 1u);
  kill(launcher[0], SIGKILL);

  Down();
  EXPECT_EQ(Summary()["eval"]["episodes"], 100) << "it was not drained";
}

}  // namespace
}  // namespace drover
