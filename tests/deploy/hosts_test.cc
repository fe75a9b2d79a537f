// docs/hosts.md: a run on three hosts, started by hand with one command a role. (What else may
// happen to hosts, processes and the network between them: slurm/slurm_hosts_test.cc.)

#include "tests/support/hosts.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <iostream>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "tests/support/certificates.h"
#include "tests/support/cluster.h"

namespace drover {
namespace {

using Json = nlohmann::json;

class HostsTest : public ClusterTest {
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

  // At most 4,000 frames a second, of which it takes some 30,000.
  Program StartCoordinator() const {
    Program coordinator = Start(
        0, {"coordinator", "--run_dir", run_dir(), "--config",
            Runfile("configs/catch_impala.textproto"), "--set", "evaluation.episodes=10", "--set",
            "environment_options.step_seconds=0.0005",
            // For `drover status` on that host.
            "--listen", "unix:" + directory_.path() + "/coordinator", "--listen", Coordinator()});
    EXPECT_TRUE(WaitFor([&] { return Status().is_object(); })) << coordinator.Stderr();
    return coordinator;
  }

  Json Actor(int index) const {
    const Json status = Status();
    if (!status.is_object()) return nullptr;
    for (const Json& member : status["members"]) {
      if (member["role"] == "actor" && member["index"] == index) return member;
    }
    return nullptr;
  }

  Json AwaitActor(int index, bool alive, uint64_t above_epoch = 0) const {
    Json actor;
    EXPECT_TRUE(WaitFor([&] {
      actor = Actor(index);
      return actor.is_object() && actor["alive"] == alive && actor["epoch"] > above_epoch;
    })) << actor;
    return actor;
  }

  // The run ends well, and so do all of its processes.
  void ExpectMark(Program* coordinator, const std::vector<Program*>& others) const {
    ASSERT_TRUE(coordinator->Wait().ok()) << coordinator->Stdout();
    EXPECT_EQ(Summary()["reached_target"], true) << Summary();
    for (Program* other : others) EXPECT_TRUE(other->Wait().ok()) << other->Stdout();
  }

  std::optional<Certificates> certificates_;
  std::optional<Hosts> hosts_;
};

TEST_F(HostsTest, TrainsToItsMarkThoughAHostIsCutOff) {
  Program coordinator = StartCoordinator();
  Program first = Start(1, {"actor", "--any_index"});
  AwaitActor(0, true);
  Program second = Start(2, {"actor", "--any_index"});
  const uint64_t epoch = AwaitActor(1, true)["epoch"];
  Program learner = Start(1, {"learner", "--listen", "0.0.0.0:7001"});
  WaitForFrames();
  hosts_->Cut(2);
  AwaitActor(1, false);
  EXPECT_TRUE(second.running()) << "it waits";
  hosts_->Mend(2);
  AwaitActor(1, true, epoch);
  ExpectMark(&coordinator, {&learner, &first, &second});
}

// The fifth of integration/bottleneck_test.cc. Each actor could send 350 kB a second.
TEST_F(HostsTest, ASlowNetworkIsNamedAsTheBottleneck) {
  Program coordinator = StartCoordinator();
  Program learner = Start(1, {"learner", "--listen", "0.0.0.0:7001"});
  Program first = Start(2, {"actor", "--any_index"});
  Program second = Start(2, {"actor", "--any_index"});
  WaitForFrames();
  hosts_->Throttle(1, 150);
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
