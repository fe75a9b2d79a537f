// docs/hosts.md: a run on three hosts, started by hand with one command a role. (What else may
// happen to hosts, processes and the network between them: slurm/slurm_hosts_test.cc.)

#include "tests/support/hosts.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <iostream>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fault/faults.h"
#include "tests/support/certificates.h"

namespace drover {
namespace {

using Json = nlohmann::json;

class HostsTest : public FaultTest {
 protected:
  void SetUp() override {
    if (const std::string why = Hosts::Lacks(); !why.empty()) {
      std::cout << "DROVER-SKIPPED: " << why << std::endl;
      GTEST_SKIP() << why;
    }
    hosts_.emplace(3);
    certificates_.emplace(directory_.path() + "/certs");
  }

  // One process of the run: the words that docs/hosts.md has, on a host.
  Program Start(int host, std::vector<std::string> words) const {
    if (words[0] != "coordinator") words.insert(words.end(), {"--coordinator", Coordinator()});
    return Program(hosts_->On(host, Drover(words)));
  }

  std::string Coordinator() const { return hosts_->Ip(0) + ":7000"; }

  // Its mark takes some 30,000 frames.
  Program StartCoordinator(const std::vector<std::string>& settings) const {
    std::vector<std::string> words = {
        "coordinator", "--run_dir", run_dir(), "--config",
        Runfile("configs/catch_impala.textproto"), "--set", "evaluation.episodes=10",
        // For `drover status` on that host.
        "--listen", "unix:" + directory_.path() + "/coordinator", "--listen", Coordinator()};
    for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
    Program coordinator = Start(0, words);
    EXPECT_TRUE(WaitFor([&] { return Status().is_object(); })) << coordinator.Stderr();
    return coordinator;
  }

  Json Await(const char* role, int index, bool alive, uint64_t above_epoch = 0) const {
    return AwaitMember(role, index, [&](const Json& member) {
      return member["alive"] == alive && member["epoch"] > above_epoch;
    });
  }

  // Cuts the host off until that member's lease has run out: the learner trains on. What it was.
  Json CutOff(int host, const char* role, int index) const {
    Json before = Await(role, index, true);
    hosts_->Cut(host);
    Await(role, index, false);
    Json checkpoint = NewestCheckpoint();
    EXPECT_TRUE(WaitFor([&] { return NewestCheckpoint()["version"] > checkpoint["version"]; }));
    return before;
  }

  // Puts the cable back: the member is there again, with a new epoch, and the run goes on.
  void Mend(int host, const Json& member) const {
    hosts_->Mend(host);
    const std::string role = member["role"];
    EXPECT_EQ(Await(role.c_str(), member["index"], true, member["epoch"])["pid"], member["pid"]);
    WaitForFrames(Status()["frames"]);
  }

  // The run ends well, and so do all of its processes.
  void ExpectMark(Program* coordinator, const std::vector<Program*>& others) const {
    ASSERT_TRUE(coordinator->Wait().ok()) << coordinator->Stdout();
    EXPECT_EQ(Summary()["reached_target"], true) << Summary();
    for (Program* other : others) EXPECT_TRUE(other->Wait().ok()) << other->Stderr();
  }

  std::optional<Certificates> certificates_;
  std::optional<Hosts> hosts_;
};

TEST_F(HostsTest, TrainsToItsMarkWhicheverHostIsCutOff) {
  Program coordinator =
      StartCoordinator({"environment_options.step_seconds=0.0015", "checkpoint.every_seconds=0.5"});
  Program first = Start(1, {"actor", "--any_index"});
  Await("actor", 0, true);
  Program second = Start(2, {"actor", "--any_index"});
  Program learner = Start(1, {"learner", "--listen", "0.0.0.0:7001"});
  WaitForFrames();
  Mend(0, CutOff(0, "learner", 0));
  // The learner and the first actor, from all others. Both come back; nobody was replaced.
  const Json actor = Await("actor", 0, true);
  Mend(1, CutOff(1, "learner", 0));
  Await("actor", 0, true, actor["epoch"]);
  // Again, but now the learner is. What it does until it hears of that counts nothing.
  const Json replaced = CutOff(1, "learner", 0);
  Program next = Start(2, {"learner", "--listen", "0.0.0.0:7002", "--resume"});
  const Json its = Await("learner", 0, true, replaced["epoch"]);
  EXPECT_NE(its["pid"], replaced["pid"]);
  hosts_->Mend(1);
  EXPECT_FALSE(learner.Wait().ok()) << "two in one place";
  EXPECT_EQ(Await("learner", 0, true)["epoch"], its["epoch"]);
  Await("actor", 0, true);                             // before others, who would take its place
  Program third = Start(2, {"actor", "--any_index"});  // it was slow for long enough
  Program fourth = Start(2, {"actor", "--any_index"});
  ExpectMark(&coordinator, {&next, &first, &second, &third, &fourth});
  CheckCounts();
}

// The fifth of integration/bottleneck_test.cc. Each actor could send 350 kB a second.
TEST_F(HostsTest, ASlowNetworkIsNamedAsTheBottleneck) {
  Program coordinator =
      StartCoordinator({"environment_options.step_seconds=0.0005",
                        absl::StrCat("budget.max_frames=", kManyFrames), "target.return=2"});
  Program learner = Start(1, {"learner", "--listen", "0.0.0.0:7001"});
  Program first = Start(2, {"actor", "--any_index"});
  Program second = Start(2, {"actor", "--any_index"});
  WaitForFrames();
  hosts_->Throttle(1, 75);
  Json bottleneck;
  EXPECT_TRUE(WaitFor([&] {
    const Json status = Status();
    if (status.is_object()) bottleneck = status.value("bottleneck", Json());
    return bottleneck.is_object() && bottleneck["name"] == "network" &&
           absl::StrContains(bottleneck.value("setting", ""), "hosts nearer to each other");
  })) << bottleneck;
  hosts_->Throttle(1, 100000);
  coordinator.Signal(SIGTERM);
  EXPECT_TRUE(coordinator.Wait().ok()) << coordinator.Stderr();
  for (Program* other : {&learner, &first, &second}) EXPECT_TRUE(other->Wait().ok());
}

}  // namespace
}  // namespace drover
