// `drover up --on=slurm` on a real Slurm of four nodes: started, scaled, hurt, ended.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/support/cluster.h"

namespace drover {
namespace {

using testing::HasSubstr;

class SlurmTest : public ClusterTest {
 protected:
  void SetUp() override {
    setenv("PATH", absl::StrCat(std::getenv("PATH"), ":/usr/sbin:/sbin").c_str(), 1);
    if (geteuid() != 0) return Skip("starting a Slurm needs root");
    if (!RunProgram({"sh", "-c", "command -v slurmctld && command -v munged"}).exit.ok()) {
      return Skip("slurm-wlm or munge is not installed");
    }
    // munged's user must reach its socket.
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
    setenv("SLURM_CONF", (slurm_dir() + "/slurm.conf").c_str(), 1);
    slurm_.emplace(
        std::vector<std::string>{Runfile("tests/support/slurm_cluster.sh"), slurm_dir()});
    ASSERT_TRUE(WaitFor([&] { return std::filesystem::exists(slurm_dir() + "/ready"); }))
        << slurm_->Stderr();
  }

  void TearDown() override {
    if (!slurm_) return;
    EXPECT_EQ(Queue(), std::vector<std::string>());
    slurm_->Signal(SIGTERM);
    slurm_->Wait();
  }

  static void Skip(const std::string& why) {
    std::cout << "DROVER-SKIPPED: " << why << std::endl;
    GTEST_SKIP() << why;
  }

  std::string slurm_dir() const { return directory_.path() + "/slurm"; }

  std::vector<std::string> Up(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"up",         Runfile("configs/cartpole_impala.textproto"),
                                      "--on=slurm", "--insecure",
                                      "--run_dir",  run_dir(),
                                      "--set",      "cluster.learner.memory_mib=2000",
                                      "--set",      "cluster.actor.cores=4"};
    words.insert(words.end(), more.begin(), more.end());
    return Drover(words);
  }

  // "coordinator N/A RUNNING n1", …
  static std::vector<std::string> Queue() {
    const Finished squeue =
        RunProgram({"squeue", "--noheader", "--array", "--format", "%j %K %T %N"});
    EXPECT_TRUE(squeue.exit.ok()) << squeue.err;
    std::vector<std::string> jobs;
    for (const std::string& line :
         std::vector<std::string>(absl::StrSplit(squeue.out, '\n', absl::SkipEmpty()))) {
      jobs.push_back(line.substr(line.rfind('.', line.find(' ')) + 1));
    }
    std::sort(jobs.begin(), jobs.end());
    return jobs;
  }

  static std::string LearnersJob() {
    const Finished squeue = RunProgram({"squeue", "--noheader", "--format", "%i %j"});
    for (const std::string& line : std::vector<std::string>(absl::StrSplit(squeue.out, '\n'))) {
      if (line.find(".learner") != std::string::npos) return line.substr(0, line.find(' '));
    }
    return "";
  }

  // A node goes, with all that runs there.
  void KillNode(const std::string& node) const {
    pid_t daemon = 0;
    ASSERT_TRUE(absl::SimpleAtoi(*ReadFile(slurm_dir() + "/" + node + ".pid"), &daemon));
    std::vector<pid_t> there = {daemon};
    for (const char* role : {"coordinator", "learner", "actor"}) {
      for (const pid_t pid : mark_.Pids(role)) {
        const std::string environment =
            ReadFile(absl::StrCat("/proc/", pid, "/environ")).value_or("");
        if (environment.find("SLURMD_NODENAME=" + node) == std::string::npos) continue;
        std::istringstream stat(ReadFile(absl::StrCat("/proc/", pid, "/stat")).value_or(""));
        std::string ignored;
        pid_t step = 0;  // its slurmstepd
        stat >> ignored >> ignored >> ignored >> step;
        there.insert(there.end(), {step, pid});
      }
    }
    for (const pid_t pid : there) {
      if (pid > 1) kill(pid, SIGKILL);
    }
  }

  // A number of `drover status`; 0: it says none.
  double Figure(const char* name) const {
    const nlohmann::json status = Status();
    return status.is_object() && status[name].is_number() ? status[name].get<double>() : 0;
  }

  bool ActorsAre(size_t count) const {
    return WaitFor([&] { return Members("actor").size() == count; });
  }

  std::optional<Program> slurm_;
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
}

TEST_F(SlurmTest, AHalfStartedClusterEndsWithItsReasonAndLeavesNothing) {
  // Slurm refuses the script.
  const Finished refused = RunProgram(Up({"--set", "cluster.slurm.options=--no-such-flag"}));
  EXPECT_EQ(refused.exit.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("no-such-flag"));
  EXPECT_THAT(Queue(), testing::IsEmpty());
  // All start, but the learner cannot live here.
  ASSERT_TRUE(RemoveAll(run_dir()).ok());
  const Finished half = RunProgram(Up({"--set", "device=cuda", "--set", "cluster.learner.gpus=0"}));
  EXPECT_EQ(half.exit.code, 1);
  EXPECT_THAT(half.err, HasSubstr("the run failed; the end of " + Path("logs/learner-0.log")));
  EXPECT_THAT(half.err, HasSubstr("cuda"));
  EXPECT_THAT(Queue(), testing::IsEmpty());
}

TEST_F(SlurmTest, TrainsScalesSurvivesAndEnds) {
  const Finished up =
      RunProgram(Up({"--actors", "2", "--detach", "--max_frames", "4000000000", "--set",
                     "target.return=1000", "--set", "checkpoint.every_seconds=1"}));
  ASSERT_TRUE(up.exit.ok()) << up.err << ReadFile(Path("logs/launcher-0.log")).value_or("");
  EXPECT_TRUE(ActorsAre(2)) << Status();
  ASSERT_TRUE(WaitFor([&] { return Figure("mean_return") >= 475; })) << Status();

  EXPECT_TRUE(RunProgram(Drover({"scale", run_dir(), "--actors", "6", "--wait", "60"})).exit.ok());
  std::set<std::string> nodes;
  for (const std::string& job : Queue()) nodes.insert(job.substr(job.rfind(' ') + 1));
  EXPECT_EQ(nodes.size(), 4u) << "not over the nodes";
  EXPECT_EQ(RunProgram(Drover({"scale", run_dir(), "--actors", "60"})).exit.code, 2);
  EXPECT_TRUE(RunProgram(Drover({"scale", run_dir(), "--actors", "3", "--wait", "60"})).exit.ok());
  EXPECT_TRUE(WaitFor([&] { return Queue().size() == 5; }));

  // The learner is moved, as by a scheduler that preempts it; a node is lost at the same time.
  const double version = Figure("version");
  const std::vector<pid_t> learner = Members("learner");
  ASSERT_TRUE(RunProgram({"scontrol", "requeue", LearnersJob()}).exit.ok());
  KillNode("n2");
  ASSERT_TRUE(WaitFor([&] {
    const auto now = Members("learner");
    return now.size() == 1 && now != learner;
  })) << Status();
  EXPECT_TRUE(ActorsAre(3)) << Status();
  EXPECT_TRUE(WaitFor([&] { return Figure("version") > version + 100; }))
      << Status() << ReadFile(Path("logs/learner-0.log")).value_or("");
  EXPECT_THAT(*ReadFile(Path("logs/learner-0.log")), HasSubstr("goes on from"));

  const Finished logs = RunProgram(Drover({"logs", "learner", "--run", run_dir()}));
  EXPECT_THAT(logs.out, HasSubstr("joined run"));
  const Finished down = RunProgram(Drover({"down", run_dir()}));
  EXPECT_TRUE(down.exit.ok()) << down.err;
  EXPECT_EQ(Summary()["end_reason"], "stopped");
  EXPECT_EQ(Queue(), std::vector<std::string>());
}

}  // namespace
}  // namespace drover
