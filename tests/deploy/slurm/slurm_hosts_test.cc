// `drover up --on=slurm` over three hosts with TLS, and what may happen to a host, the network and
// a process meanwhile. (What Slurm itself may do: slurm_test.cc.)

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <iostream>
#include <optional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fault/faults.h"
#include "tests/support/certificates.h"
#include "tests/support/hosts.h"
#include "tests/support/slurm.h"

namespace drover {
namespace {

using Json = nlohmann::json;

// The coordinator is on host 0 and the learner on host 1. Actors are spread over all.
constexpr int kLearnersHost = 1;
constexpr int kCutHost = 2;

class SlurmHostsTest : public FaultTest {
 protected:
  void SetUp() override {
    for (const std::string& why : {Slurm::Lacks(), Hosts::Lacks()}) {
      if (why.empty()) continue;
      std::cout << "DROVER-SKIPPED: " << why << std::endl;
      GTEST_SKIP() << why;
    }
    certificates_.emplace(directory_.path() + "/certs");  // all hosts see it
    hosts_.emplace(3);
    slurm_.emplace(directory_.path() + "/slurm", *hosts_);
  }

  // Some 1,000 frames a second, of which it takes some 30,000.
  std::vector<std::string> Up() const {
    return Drover({"up", Runfile("configs/catch_impala.textproto"), "--on=slurm", "--run_dir",
                   run_dir(), "--actors", "3", "--max_frames", "1000000", "--set",
                   "environment_options.step_seconds=0.003", "--set", "evaluation.episodes=10",
                   "--set", "cluster.coordinator.features=n1", "--set",
                   "cluster.learner.features=n2", "--set", "cluster.actor.cores=2"});
  }

  // The actor there, at work.
  Json ActorOn(int host) const {
    Json actor;
    EXPECT_TRUE(WaitFor([&] {
      for (int index = 0; index < 3; ++index) {
        actor = Member("actor", index);
        if (actor.is_object() && actor["host"] == hosts_->Ip(host) && actor["alive"] == true &&
            !actor["metrics"].empty()) {
          return true;
        }
      }
      return false;
    })) << "no actor on host "
        << host << "\n"
        << Status();
    return actor;
  }

  Json Await(const Json& actor, bool alive) const {
    return AwaitMember("actor", actor["index"], [&](const Json& now) {
      return now["alive"] == alive && (!alive || now["epoch"] > actor["epoch"]);
    });
  }

  void ExpectProgress() const {
    const uint64_t frames = Status()["frames"];
    WaitForFrames(frames + 4 * kMessageFrames);
  }

  // What the coordinator noted of an actor last: "lost", "resumed", …
  std::string LastEventOf(const Json& actor) const {
    const std::string who = absl::StrCat("actor ", actor["index"].get<int>(), " ");
    std::string kind;
    Json status = Status();
    for (const Json& event : status["events"]) {
      const std::string text = event["text"];
      if (absl::StartsWith(text, who)) kind = event["kind"];
    }
    return kind;
  }

  std::optional<Certificates> certificates_;
  std::optional<Hosts> hosts_;
  std::optional<Slurm> slurm_;  // on them
};

TEST_F(SlurmHostsTest, ReachesItsMarkWhateverHappensToHostsAndNetwork) {
  Program up(Up());
  const Json stopped = ActorOn(0);
  const Json lonely = ActorOn(kCutHost);
  ActorOn(kLearnersHost);
  WaitForFrames();

  const auto start = std::chrono::steady_clock::now();
  const auto sleep_until = [&](int seconds) {
    std::this_thread::sleep_until(start + std::chrono::seconds(seconds));
  };
  hosts_->Cut(kCutHost);
  kill(stopped["pid"], SIGSTOP);
  Await(lonely, false);
  Await(stopped, false);
  EXPECT_EQ(LastEventOf(stopped), "lost");
  ExpectProgress();
  // Slurm starts it on another host; the old one finds its place taken once the network is back.
  EXPECT_NE(Await(lonely, true)["host"], lonely["host"]);
  sleep_until(20);
  hosts_->Mend(kCutHost);
  EXPECT_TRUE(WaitFor([&] { return kill(lonely["pid"], 0) != 0; })) << "two in one place";

  hosts_->Lose(kLearnersHost, 20);
  ExpectProgress();
  sleep_until(30);
  hosts_->Lose(kLearnersHost, 0);

  EXPECT_EQ(Member("actor", stopped["index"])["alive"], false);
  kill(stopped["pid"], SIGCONT);
  EXPECT_EQ(Await(stopped, true)["pid"], stopped["pid"]);
  EXPECT_EQ(LastEventOf(stopped), "resumed");
  EXPECT_TRUE(WaitFor([&] { return Members("actor").size() == 3; })) << Status();

  EXPECT_TRUE(up.Wait().ok()) << up.Stdout() << up.Stderr();
  EXPECT_EQ(Summary()["end_reason"], "target_reached") << Summary();
  CheckCounts();  // nothing of an old epoch is in it
  EXPECT_EQ(slurm_->Queue(), std::vector<std::string>());
  const Finished down = RunProgram(Drover({"down", run_dir()}));
  EXPECT_TRUE(down.exit.ok()) << down.err;
}

}  // namespace
}  // namespace drover
