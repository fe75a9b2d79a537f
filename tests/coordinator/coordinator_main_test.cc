#include "coordinator/coordinator_main.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/file_lock.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "coordinator/run_memory.h"
#include "proto/coordinator.grpc.pb.h"

namespace drover {
namespace {

using ::testing::HasSubstr;

constexpr std::chrono::seconds kLimit{60};

class CoordinatorMainTest : public ::testing::Test {
 protected:
  CoordinatorMainTest() {
    options_.run_dir = directory_.path();
    options_.listen = {"unix:" + directory_.path() + "/socket"};
    EXPECT_TRUE(WriteFile(Path("config.textproto"), "algorithm: \"impala\" seed: 3").ok());
    EXPECT_TRUE(WriteFile(Path("spec.textproto"), "steps: 5").ok());
  }
  ~CoordinatorMainTest() override {
    stop_.Request("the test is over");
    if (thread_.joinable()) thread_.join();
  }

  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  // Runs it on a thread, until it answers and has said where.
  void Start() {
    thread_ = std::thread([this] { result_ = RunCoordinator(options_, stop_); });
    stub_ = Coordinator::NewStub(MakeChannel(options_.listen[0], ChannelUse::kControl));
    const auto deadline = std::chrono::steady_clock::now() + kLimit;
    while (!Call(&Coordinator::Stub::Status, StatusRequest()).ok() ||
           !ReadFile(Path(kAddressFile)).ok()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  absl::StatusOr<EndReason::Kind> Join() {
    thread_.join();
    return *result_;
  }

  template <typename Request, typename Reply>
  absl::StatusOr<Reply> Call(grpc::Status (Coordinator::Stub::*method)(grpc::ClientContext*,
                                                                       const Request&, Reply*),
                             const Request& request) {
    return CallUnary(stub_.get(), method, request, kLimit);
  }

  RegisterReply Join(Role::Kind role) {
    RegisterRequest request;
    request.set_role(role);
    request.set_pid(getpid());
    const auto reply = Call(&Coordinator::Stub::Register, request);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.value_or(RegisterReply());
  }

  void Renew(const RegisterReply& member, const Report& report) {
    RenewRequest request;
    request.set_member_id(member.member_id());
    request.set_epoch(member.epoch());
    *request.mutable_report() = report;
    EXPECT_TRUE(Call(&Coordinator::Stub::Renew, request).ok());
  }

  void Leave(const RegisterReply& member, const Report& report) {
    LeaveRequest request;
    request.set_member_id(member.member_id());
    request.set_epoch(member.epoch());
    *request.mutable_report() = report;
    EXPECT_TRUE(Call(&Coordinator::Stub::Leave, request).ok());
  }

  // What a coordinator leaves that was killed after the budget was spent.
  static RunMemory Draining() {
    RunMemory memory;
    memory.set_run_id("the run");
    memory.set_state(RunState::draining);
    memory.set_end_reason(EndReason::budget_spent);
    memory.set_next_epoch(6);
    return memory;
  }

  std::vector<nlohmann::json> Metrics() const {
    std::vector<nlohmann::json> lines;
    const std::string text = ReadFile(Path("metrics.jsonl")).value_or("");
    for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      lines.push_back(nlohmann::json::parse(line.begin(), line.end()));
    }
    return lines;
  }

  TempDirectory directory_ = *TempDirectory::Make();
  StopSignal stop_;
  CoordinatorOptions options_;
  std::thread thread_;
  std::optional<absl::StatusOr<EndReason::Kind>> result_;
  std::unique_ptr<Coordinator::Stub> stub_;
};

TEST_F(CoordinatorMainTest, ALargeRunsMembersRenewLessOften) {
  EXPECT_TRUE(WriteFile(Path("config.textproto"), "actors { count: 1000 }").ok());
  Start();
  const RegisterReply actor = Join(Role::actor);
  EXPECT_EQ(actor.lease_seconds(), 10);
  Leave(actor, Report());
}

TEST_F(CoordinatorMainTest, HoldsARunTogetherToItsEnd) {
  Start();
  Endpoint endpoint;
  const std::string address = *ReadFile(Path("coordinator.address"));
  EXPECT_THAT(address, HasSubstr(options_.listen[0]));

  const RegisterReply learner = Join(Role::learner);
  EXPECT_EQ(learner.experiment().seed(), 3u);
  EXPECT_EQ(learner.spec().steps(), 5u);
  EXPECT_EQ(learner.run_dir(), directory_.path());
  const RegisterReply evaluator = Join(Role::evaluator);
  Report point;
  point.mutable_evaluator()->add_points()->set_version(6);
  Renew(evaluator, point);

  Report report;
  report.mutable_learner()->set_frames(100);
  report.mutable_learner()->set_outcome(EndReason::budget_spent);
  Renew(learner, report);
  report.mutable_learner()->mutable_evaluation()->set_mean(7);
  Leave(learner, report);
  Leave(evaluator, Report());

  const auto reason = Join();
  ASSERT_TRUE(reason.ok()) << reason.status();
  EXPECT_EQ(*reason, EndReason::budget_spent);
  const auto summary = nlohmann::json::parse(*ReadFile(Path("summary.json")));
  EXPECT_EQ(summary["frames"], 100);
  EXPECT_EQ(summary["eval"]["mean"], 7);
  bool evaluated = false;
  for (const nlohmann::json& line : Metrics()) evaluated |= line.contains("evaluation");
  EXPECT_TRUE(evaluated);
}

TEST_F(CoordinatorMainTest, WritesALineOfMetricsASecond) {
  Start();
  const RegisterReply learner = Join(Role::learner);
  const auto deadline = std::chrono::steady_clock::now() + kLimit;
  uint64_t frames = 0;
  while (Metrics().size() < 3) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    Report report;
    report.mutable_learner()->set_frames(++frames);
    Renew(learner, report);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const std::vector<nlohmann::json> lines = Metrics();
  EXPECT_EQ(lines[2]["state"], "running");
  EXPECT_GT(lines[2]["frames"], lines[0]["frames"]);
  EXPECT_GE(lines[1]["time"].get<double>() - lines[0]["time"].get<double>(), 0.9);
  EXPECT_EQ(lines[2]["members"]["learner"], 1);
  Leave(learner, Report());
  EXPECT_EQ(*Join(), EndReason::failed);  // it did not say why
}

TEST_F(CoordinatorMainTest, ASignalStopsTheRun) {
  Start();
  stop_.Request("SIGTERM");
  const auto reason = Join();
  ASSERT_TRUE(reason.ok()) << reason.status();
  EXPECT_EQ(*reason, EndReason::stopped);
  EXPECT_EQ(nlohmann::json::parse(*ReadFile(Path("summary.json")))["end_reason"], "stopped");
}

TEST_F(CoordinatorMainTest, ASignalLetsTheLearnerDrain) {
  Start();
  const RegisterReply learner = Join(Role::learner);
  stop_.Request("SIGTERM");
  const auto deadline = std::chrono::steady_clock::now() + kLimit;
  while (Call(&Coordinator::Stub::Status, StatusRequest())->state() != RunState::draining) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
  Report last;
  last.mutable_learner()->set_checkpoint("checkpoints/8");
  Leave(learner, last);
  EXPECT_EQ(*Join(), EndReason::stopped);
  EXPECT_EQ(nlohmann::json::parse(*ReadFile(Path("summary.json")))["checkpoint"], "checkpoints/8");
}

TEST_F(CoordinatorMainTest, TouchesNothingWhereAnotherIsAtWork) {
  const auto lock = FileLock::Acquire(Path("coordinator.lock"));
  ASSERT_TRUE(lock.ok()) << lock.status();
  EXPECT_FALSE(RunCoordinator(options_, stop_).ok());
  EXPECT_TRUE(absl::IsNotFound(ReadRunMemory(directory_.path()).status()));
}

TEST_F(CoordinatorMainTest, GoesOnWithTheRunOfOneThatWasKilled) {
  RunMemory memory = Draining();
  RememberedMember* learner = memory.add_members();
  learner->set_alive(true);
  learner->mutable_member()->set_role(Role::learner);
  learner->mutable_member()->set_member_id(7);
  learner->mutable_member()->set_epoch(5);
  ASSERT_TRUE(WriteRunMemory(directory_.path(), memory).ok());
  Start();
  EXPECT_EQ(Call(&Coordinator::Stub::Status, StatusRequest())->run_id(), "the run");
  EXPECT_GT(ReadRunMemory(directory_.path())->next_epoch(), 6u);  // reserved before it is granted
  RegisterReply as_it_was;
  as_it_was.set_member_id(7);
  as_it_was.set_epoch(5);
  Report last;
  last.mutable_learner()->set_frames(100);
  Leave(as_it_was, last);
  EXPECT_EQ(*Join(), EndReason::budget_spent);
  EXPECT_EQ(nlohmann::json::parse(*ReadFile(Path("summary.json")))["frames"], 100);
  EXPECT_EQ(ReadRunMemory(directory_.path())->state(), RunState::ended);

  // Killed between the summary and its end, it says the end again.
  EXPECT_EQ(*RunCoordinator(options_, stop_), EndReason::budget_spent);
}

// However late they come: here the run is over before the coordinator looks for the first time.
TEST_F(CoordinatorMainTest, WritesEachEvaluationBeforeItEnds) {
  RunMemory memory = Draining();
  memory.set_finished(true);
  memory.add_unwritten()->set_version(3);
  ASSERT_TRUE(WriteRunMemory(directory_.path(), memory).ok());
  EXPECT_EQ(*RunCoordinator(options_, stop_), EndReason::budget_spent);
  EXPECT_EQ(Metrics().at(0)["evaluation"]["version"], 3);
}

TEST_F(CoordinatorMainTest, ARunHasOneCoordinator) {
  Start();
  EXPECT_TRUE(absl::IsFailedPrecondition(RunCoordinator(options_, stop_).status()));
  stop_.Request("SIGTERM");
  EXPECT_TRUE(Join().ok());
}

TEST_F(CoordinatorMainTest, RefusesADirectoryWithoutARun) {
  options_.run_dir = "/nowhere";
  EXPECT_THAT(std::string(RunCoordinator(options_, stop_).status().message()),
              HasSubstr("/nowhere/config.textproto"));
  options_.run_dir = directory_.path();
  EXPECT_TRUE(WriteFile(Path("spec.textproto"), "stops: 5").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(RunCoordinator(options_, stop_).status()));
}

TEST_F(CoordinatorMainTest, RefusesAddressesThatAnyoneCouldReach) {
  options_.listen = {"0.0.0.0:0"};
  const auto result = RunCoordinator(options_, stop_);
  EXPECT_TRUE(absl::IsInvalidArgument(result.status())) << result.status();
}

}  // namespace
}  // namespace drover
