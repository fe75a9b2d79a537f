// Processes that stand still for longer than their lease, and go on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/fault/faults.h"

namespace drover {
namespace {

using Json = nlohmann::json;

class StopTest : public FaultTest {
 protected:
  // Where it is enough that training goes on, it leaves the machine to the tests beside it.
  explicit StopTest(const std::string& setting = "checkpoint.every_seconds=0.2",
                    const std::string& step_seconds = "0")
      : train_(Train(kManyFrames,
                     {"--set", setting, "--set",
                      absl::StrCat("environment_options.step_seconds=", step_seconds)})) {}

  void SetUp() override {
    WaitForFrames();
    for (int index : {0, 1}) {
      actors_.push_back(AwaitMember("actor", index, [](const Json& m) {
        return m["alive"] && !m["metrics"].empty();  // it acts
      }));
    }
    learner_ = Member("learner", 0);
  }

  static void Signal(const Json& member, int signal) { kill(member["pid"], signal); }

  // It was told that it is fenced, and is there again with a new epoch; the same process.
  void ExpectBack(const Json& before) {
    const Json after = AwaitMember(before["role"], before["index"], [](const Json& m) {
      return m["alive"] && m["seconds_since_renewal"] < 2;
    });
    EXPECT_EQ(after["pid"], before["pid"]);
    EXPECT_GT(after["epoch"], before["epoch"]);
  }

  void ExpectTrainingGoesOn() {
    const uint64_t frames = Status()["frames"];
    WaitForFrames(frames);
  }

  void End() {
    EXPECT_TRUE(train_.running());
    train_.Signal(SIGTERM);
    EXPECT_TRUE(train_.Wait().ok()) << train_.Stderr();
    EXPECT_EQ(train_.Stderr(), "");  // nobody died
    EXPECT_EQ(Summary()["end_reason"], "stopped");
    CheckCounts();
  }

  Program train_;
  std::vector<Json> actors_;
  Json learner_;
};

TEST_F(StopTest, ActorsAreFencedAndComeBackWhileTheLearnerSaysThatItWaits) {
  for (const Json& actor : actors_) Signal(actor, SIGSTOP);
  for (const Json& actor : actors_) {
    AwaitMember("actor", actor["index"], [](const Json& m) { return !m["alive"]; });
  }
  AwaitMember("learner", 0, [](const Json& learner) {
    return learner["alive"] && WaitsOn(learner, "batch") > 2 && WaitsOn(learner, "unrolls") > 2;
  });
  for (const Json& actor : actors_) Signal(actor, SIGCONT);
  for (const Json& actor : actors_) ExpectBack(actor);
  ExpectTrainingGoesOn();
  End();
}

TEST_F(StopTest, TheLearnerIsFencedAndComesBackWhileActorsSayThatTheyWait) {
  Signal(learner_, SIGSTOP);
  AwaitMember("learner", 0, [](const Json& m) { return !m["alive"]; });
  for (int index : {0, 1}) {
    AwaitMember("actor", index,
                [](const Json& m) { return m["alive"] && WaitsOn(m, "credits") > 2; });
  }
  // No more is under way or queued than credits allow.
  EXPECT_LE(Status()["queued_unrolls"].get<int>() + Status()["credits_out"].get<int>(), 8 * 32);
  Signal(learner_, SIGCONT);
  ExpectBack(learner_);
  ExpectTrainingGoesOn();
  for (const Json& actor : actors_) {
    EXPECT_EQ(Member("actor", actor["index"])["epoch"], actor["epoch"]);
  }
  End();
}

class EvaluatorStopTest : public StopTest {
 protected:
  EvaluatorStopTest() : StopTest("evaluation.every_frames=2000", "0.005") {}

  uint64_t LastEvaluation() const {
    uint64_t version = 0;
    for (const Json& line : Metrics()) {
      if (line.contains("evaluation")) version = line["evaluation"]["version"];
    }
    return version;
  }
};

TEST_F(EvaluatorStopTest, TheEvaluatorIsFencedAndComesBackWhileTrainingGoesOn) {
  ASSERT_TRUE(WaitFor([&] { return LastEvaluation() > 0; }));
  const Json before = Member("evaluator", 0);
  Signal(before, SIGSTOP);
  AwaitMember("evaluator", 0, [](const Json& m) { return !m["alive"]; });
  ExpectTrainingGoesOn();
  const uint64_t version = Status()["version"];
  Signal(before, SIGCONT);
  ExpectBack(before);
  EXPECT_TRUE(WaitFor([&] { return LastEvaluation() > version; }));
  End();
}

class CoordinatorStopTest : public StopTest {
 protected:
  CoordinatorStopTest() : StopTest("checkpoint.every_seconds=0.2", "0.005") {}
};

TEST_F(CoordinatorStopTest, NobodyIsFencedBecauseItStoodStill) {
  const pid_t coordinator = mark_.Pids("coordinator").at(0);
  kill(coordinator, SIGSTOP);
  // Training goes on meanwhile.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  const uint64_t version = NewestCheckpoint()["version"];
  ASSERT_TRUE(WaitFor([&] {
    const Json checkpoint = NewestCheckpoint();
    return checkpoint.is_object() && checkpoint["version"] > version &&
           std::chrono::steady_clock::now() > until;
  }));
  kill(coordinator, SIGCONT);
  ExpectTrainingGoesOn();
  AwaitMember("learner", 0, [](const Json& m) { return m["seconds_since_renewal"] < 1.5; });
  for (const Json& before : {actors_[0], actors_[1], learner_}) {
    const Json after = Member(before["role"], before["index"]);
    EXPECT_EQ(after["alive"], true) << after;
    EXPECT_EQ(after["epoch"], before["epoch"]) << after;
  }
  End();
}

}  // namespace
}  // namespace drover
