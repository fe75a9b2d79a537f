// In lockstep a run that was stopped or killed and goes on makes the weights of one that was not.

#include <gtest/gtest.h>
#include <signal.h>

#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "common/random.h"
#include "tests/support/cluster.h"

namespace drover {
namespace {

// An algorithm, the size of its unrolls, and how many of them make a run.
struct Case {
  std::string config;
  uint64_t unroll;
  uint64_t unrolls;
  std::vector<std::string> settings;
};

std::ostream& operator<<(std::ostream& out, const Case& tested) { return out << tested.config; }

// What a run ends with.
struct Result {
  std::string weights;
  std::string optimizer;
  // As JSON, by name: all counters, the newest episodes, and the actor's state.
  std::map<std::string, std::string> state;
};

class LockstepTest : public ClusterTest, public ::testing::WithParamInterface<Case> {
 protected:
  LockstepTest() { std::cout << "seed " << seed_ << std::endl; }

  // A run of so many unrolls in `dir`. The schedules end with the longest run, not with each run's
  // budget.
  std::vector<std::string> Lockstep(const std::string& dir, uint64_t unrolls,
                                    const std::vector<std::string>& more = {}) const {
    const Case& tested = GetParam();
    std::vector<std::string> words = {
        "train",        Runfile("configs/" + tested.config + ".textproto"),
        "--run_dir",    dir,
        "--actors",     "1",
        "--max_frames", std::to_string(unrolls * tested.unroll)};
    const std::string end = ".frames=" + std::to_string(tested.unrolls * tested.unroll);
    std::vector<std::string> settings = {"actors.environments=1",    "learner.batch=1",
                                         "learner.max_policy_lag=1", "learner.lockstep=true",
                                         "target.return=1e9",        "target.source=training",
                                         "evaluation.episodes=10",   "update.rate.final=0",
                                         "update.rate" + end,        "loss.entropy" + end};
    settings.insert(settings.end(), tested.settings.begin(), tested.settings.end());
    for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
    words.insert(words.end(), more.begin(), more.end());
    return Drover(words);
  }

  static Result ResultOf(const std::string& dir) {
    const nlohmann::json summary = nlohmann::json::parse(*ReadFile(dir + "/summary.json"));
    const std::string last = dir + "/" + summary["checkpoint"].get<std::string>() + "/";
    Result result = {
        *ReadFile(last + "weights.safetensors"), *ReadFile(last + "optimizer.safetensors"), {}};
    const nlohmann::json state = nlohmann::json::parse(*ReadFile(last + "state.json"));
    for (const auto& [name, value] : state.items()) result.state[name] = value.dump();
    for (const char* own : {"seconds", "epoch"}) result.state.erase(own);
    return result;
  }

  // Of a run in one go.
  const Result& Reference() const {
    static auto* const results = new std::map<std::string, Result>();
    const auto [found, first] = results->try_emplace(GetParam().config);
    if (first) {
      const std::string dir = directory_.path() + "/reference";
      const Finished train = RunProgram(Lockstep(dir, GetParam().unrolls));
      EXPECT_TRUE(train.exit.ok()) << train.err;
      found->second = ResultOf(dir);
      EXPECT_EQ(found->second.state["updates"], std::to_string(GetParam().unrolls));
    }
    return found->second;
  }

  void ExpectTheSame(const std::vector<std::string>& but = {}) const {
    Result result = ResultOf(run_dir());
    Result expected = Reference();
    EXPECT_TRUE(result.weights == expected.weights);
    EXPECT_TRUE(result.optimizer == expected.optimizer);
    for (const std::string& name : but) {
      result.state.erase(name);
      expected.state.erase(name);
    }
    EXPECT_EQ(result.state, expected.state);
  }

  // Lets a run train for a while, or to its end.
  void TrainAtRandom(Program* train, uint64_t most_milliseconds) {
    EXPECT_TRUE(WaitFor([&] {
      const nlohmann::json status = Status();
      return !train->running() || (status.is_object() && status.value("frames", 0) > 0);
    }));
    std::this_thread::sleep_for(std::chrono::milliseconds(random_.Below(most_milliseconds)));
  }

  const uint64_t seed_ = std::random_device()();
  Random random_ = Random({seed_});
};

TEST_P(LockstepTest, AStoppedRunGoesOnAsIfItHadNot) {
  const uint64_t stop = 1 + random_.Below(GetParam().unrolls - 1);
  ASSERT_TRUE(RunProgram(Lockstep(run_dir(), stop)).exit.ok());
  const auto first = ResultOf(run_dir()).state;
  EXPECT_EQ(first.at("frames"), std::to_string(stop * GetParam().unroll));
  EXPECT_EQ(first.at("trained_frames"), first.at("frames"));
  EXPECT_EQ(first.at("updates"), std::to_string(stop));
  EXPECT_EQ(first.at("version"), std::to_string(stop + 1));
  const Finished resumed = RunProgram(Lockstep(run_dir(), GetParam().unrolls, {"--resume"}));
  ASSERT_TRUE(resumed.exit.ok()) << resumed.err;
  ExpectTheSame();
  EXPECT_EQ(Summary()["policy_lag"]["max"], 0);
}

TEST_P(LockstepTest, ARunStoppedBySignalsGoesOnAsIfItHadNot) {
  std::vector<std::string> resume;
  for (int stops = 0; stops < 3; ++stops) {
    Program train(Lockstep(run_dir(), GetParam().unrolls, resume));
    TrainAtRandom(&train, 300);
    train.Signal(SIGTERM);
    ASSERT_TRUE(train.Wait().ok()) << train.Stderr();
    const auto state = ResultOf(run_dir()).state;
    EXPECT_EQ(state.at("frames"), state.at("trained_frames"));
    std::cout << "stopped after update " << state.at("updates") << std::endl;
    resume = {"--resume"};
  }
  const Finished resumed = RunProgram(Lockstep(run_dir(), GetParam().unrolls, resume));
  ASSERT_TRUE(resumed.exit.ok()) << resumed.err;
  ExpectTheSame();
}

TEST_P(LockstepTest, KilledProcessesLeaveNoTrace) {
  Program train(Lockstep(run_dir(), GetParam().unrolls, {"--set", "checkpoint.every_seconds=0.1"}));
  for (const char* role : {"actor", "learner", "actor"}) {
    TrainAtRandom(&train, 300);
    const std::vector<pid_t> pids = Members(role);
    if (pids.empty()) continue;  // the run is over
    std::cout << "kills the " << role << " after update " << Status()["updates"] << std::endl;
    kill(pids[0], SIGKILL);
    EXPECT_TRUE(WaitFor([&] {
      const std::vector<pid_t> now = Members(role);
      return !train.running() || (now.size() == 1 && now != pids);
    }));
  }
  ASSERT_TRUE(train.Wait().ok()) << train.Stderr();
  ExpectTheSame({"version", "last_sequence", "missing"});  // above those that were lost
}

INSTANTIATE_TEST_SUITE_P(
    All, LockstepTest,
    ::testing::Values(Case{"catch_impala", 9, 1000, {"model.recurrence.size=8"}},
                      Case{"cartpole_ppo_kl",
                           32,
                           500,
                           {"evaluation.every_frames=0", "update.minibatch=16", "update.epochs=2",
                            "model.normalization.observations=true",
                            "model.normalization.returns=true"}}),
    [](const ::testing::TestParamInfo<Case>& info) { return info.param.config; });

}  // namespace
}  // namespace drover
