// docs/hosts.md: a run on three hosts, started by hand with one command a role, and what the
// network between them may do.

#include "tests/support/hosts.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/cluster.h"

namespace drover {
namespace {

using Json = nlohmann::json;

constexpr int kCoordinatorPort = 7000;
constexpr int kLearnerPort = 7001;

class HostsTest : public ClusterTest {
 protected:
  void SetUp() override {
    if (const std::string why = Hosts::Lacks(); !why.empty()) {
      std::cout << "DROVER-SKIPPED: " << why << std::endl;
      GTEST_SKIP() << why;
    }
    hosts_ = std::make_unique<Hosts>(3);
    // docs/security.md: one directory, of which each process takes its role's part.
    const std::string certs = directory_.path() + "/certs";
    for (const char* command : {"init", "issue"}) {
      const Finished finished = RunProgram(Drover({"certs", command, certs}));
      ASSERT_TRUE(finished.exit.ok()) << finished.err;
    }
    setenv("DROVER_CERTS", certs.c_str(), 1);
  }

  void TearDown() override { unsetenv("DROVER_CERTS"); }

  // One process of the run: the words that docs/hosts.md has, on a host.
  Program Start(int host, std::vector<std::string> words) const {
    if (words[0] != "coordinator") {
      words.insert(words.end(), {"--coordinator", hosts_->Address(0, kCoordinatorPort)});
    }
    return Program(hosts_->On(host, Drover(words)));
  }

  Program StartCoordinator(const std::string& config, std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"coordinator", "--run_dir", run_dir(), "--config", config,
                                      // For `drover status` on that host.
                                      "--listen", "unix:" + directory_.path() + "/coordinator",
                                      "--listen", hosts_->Address(0, kCoordinatorPort)};
    words.insert(words.end(), more.begin(), more.end());
    Program coordinator = Start(0, words);
    EXPECT_TRUE(WaitFor([&] { return Status().is_object(); })) << coordinator.Stdout();
    return coordinator;
  }

  Program StartLearner(int host) const {
    return Start(host, {"learner", "--listen", "0.0.0.0:" + std::to_string(kLearnerPort)});
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

  std::unique_ptr<Hosts> hosts_;
};

TEST_F(HostsTest, TrainsToItsMark) {
  Program coordinator = StartCoordinator("cartpole_impala", {"--set", "evaluation.episodes=10"});
  Program first = Start(1, {"actor", "--any_index"});
  Program second = Start(2, {"actor", "--any_index"});
  // Else the run might be over before they come.
  AwaitActor(0, true);
  AwaitActor(1, true);
  Program learner = StartLearner(1);
  ExpectMark(&coordinator, {&learner, &first, &second});
}

TEST_F(HostsTest, ReachesItsMarkWhateverTheNetworkDoes) {
  // At most 2,000 frames a second, of which it takes some 30,000.
  Program coordinator = StartCoordinator(
      "catch_impala", {"--set", "evaluation.episodes=10", "--set", "budget.max_frames=1000000",
                       "--set", "environment_options.step_seconds=0.001"});
  Program learner = StartLearner(0);
  Program stopped = Start(1, {"actor", "--index", "0"});
  Program lonely = Start(2, {"actor", "--index", "1"});
  WaitForFrames();
  const uint64_t stopped_epoch = AwaitActor(0, true)["epoch"];
  const uint64_t lonely_epoch = AwaitActor(1, true)["epoch"];

  const auto start = std::chrono::steady_clock::now();
  const auto sleep_until = [&](int seconds) {
    std::this_thread::sleep_until(start + std::chrono::seconds(seconds));
  };
  hosts_->Cut(2);
  stopped.Signal(SIGSTOP);
  AwaitActor(0, false);
  AwaitActor(1, false);
  sleep_until(20);
  EXPECT_TRUE(lonely.running());
  hosts_->Mend(2);
  AwaitActor(1, true, lonely_epoch);
  hosts_->Lose(2, 20);
  const uint64_t frames = Status()["frames"];
  WaitForFrames(frames + 500);
  sleep_until(30);
  hosts_->Lose(2, 0);
  EXPECT_EQ(Actor(0)["alive"], false);
  stopped.Signal(SIGCONT);
  AwaitActor(0, true, stopped_epoch);

  ExpectMark(&coordinator, {&learner, &stopped, &lonely});
}

}  // namespace
}  // namespace drover
