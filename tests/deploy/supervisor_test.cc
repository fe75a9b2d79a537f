#include "deploy/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "tests/support/program.h"

namespace drover {
namespace {

using ::testing::HasSubstr;

class SupervisorTest : public ::testing::Test {
 protected:
  ChildSpec Shell(const std::string& role, int index, const std::string& script) {
    ChildSpec spec;
    spec.role = role;
    spec.index = index;
    spec.command = {"sh", "-c", script, "sh"};
    spec.log_path = absl::StrCat(directory_.path(), "/", role, "-", index, ".log");
    return spec;
  }

  // Lines of a log so far.
  int Lines(const ChildSpec& spec) {
    std::ifstream file(spec.log_path);
    int count = 0;
    for (std::string line; std::getline(file, line);) ++count;
    return count;
  }

  static Supervisor::WantRestart Always() {
    return [](const ChildSpec&, const ExitStatus&) { return true; };
  }

  TempDirectory directory_ = *TempDirectory::Make();
  ProcessMark mark_;
};

TEST_F(SupervisorTest, EndsAndForgetsWhoIsToldTo) {
  Supervisor supervisor(Always());
  const auto now = std::chrono::steady_clock::now();
  ASSERT_TRUE(supervisor.Start(Shell("actor", 0, "exec sleep 1000")).ok());
  ASSERT_TRUE(supervisor.Start(Shell("actor", 1, "exec sleep 2000")).ok());
  supervisor.End("actor", 1, now);
  ASSERT_EQ(supervisor.children().size(), 2u);
  EXPECT_FALSE(supervisor.children()[0].second);
  EXPECT_TRUE(supervisor.children()[1].second);
  EXPECT_TRUE(WaitFor([&] {
    EXPECT_TRUE(supervisor.Poll(now).ok());
    return supervisor.children().size() == 1;
  }));
  EXPECT_EQ(supervisor.running(), 1);
  EXPECT_EQ(supervisor.children()[0].first->index, 0);
  // Its place is free again.
  ASSERT_TRUE(supervisor.Start(Shell("actor", 1, "exec sleep 3000")).ok());
  EXPECT_EQ(supervisor.running(), 2);
}

TEST_F(SupervisorTest, KillsWhoDoesNotEndWhenTold) {
  Supervisor supervisor(Always());
  const auto now = std::chrono::steady_clock::now();
  const ChildSpec deaf = Shell("actor", 0, "trap '' TERM; echo deaf; while :; do sleep 0.1; done");
  ASSERT_TRUE(supervisor.Start(deaf).ok());
  ASSERT_TRUE(WaitFor([&] { return Lines(deaf) == 1; }));
  supervisor.End("actor", 0, now);
  EXPECT_TRUE(supervisor.Poll(now).ok());
  EXPECT_EQ(supervisor.running(), 1);
  EXPECT_TRUE(WaitFor([&] {
    EXPECT_TRUE(supervisor.Poll(now + Supervisor::kEndLimit).ok());
    return supervisor.children().empty();
  }));
}

TEST_F(SupervisorTest, StartsAgainWhoDies) {
  Supervisor supervisor(Always());
  ChildSpec actor = Shell("actor", 0, "echo \"start $1\"; exec sleep 1000");
  actor.restart_arguments = {"again"};
  ASSERT_TRUE(supervisor.Start(actor).ok());
  ASSERT_TRUE(supervisor.Start(Shell("learner", 0, "exec sleep 2000")).ok());
  EXPECT_EQ(supervisor.running(), 2);
  ASSERT_TRUE(WaitFor([&] { return mark_.Pids("1000").size() == 1; }));

  kill(mark_.Pids("1000").front(), SIGKILL);
  EXPECT_TRUE(WaitFor([&] {
    EXPECT_TRUE(supervisor.Poll(std::chrono::steady_clock::now()).ok());
    return supervisor.running() == 2 && Lines(actor) == 2;
  }));
  EXPECT_EQ(*ReadFile(actor.log_path), "start \nstart again\n");
  EXPECT_TRUE(WaitFor([&] { return mark_.Pids("1000").size() == 1; }));
  EXPECT_EQ(mark_.Pids("2000").size(), 1u);
  EXPECT_FALSE(supervisor.ended("actor", 0).has_value());
}

TEST_F(SupervisorTest, WaitsBeforeItStartsAgain) {
  Supervisor supervisor(Always());
  const ChildSpec actor = Shell("actor", 0, "echo start");
  ASSERT_TRUE(supervisor.Start(actor).ok());
  const auto now = std::chrono::steady_clock::now();  // and it stands still
  ASSERT_TRUE(WaitFor([&] {
    EXPECT_TRUE(supervisor.Poll(now).ok());
    return supervisor.running() == 0;
  }));
  EXPECT_TRUE(supervisor.Poll(now + std::chrono::milliseconds(99)).ok());
  EXPECT_EQ(supervisor.running(), 0);
  EXPECT_FALSE(supervisor.ended("actor", 0).has_value());
  EXPECT_TRUE(supervisor.Poll(now + std::chrono::milliseconds(100)).ok());
  EXPECT_EQ(supervisor.running(), 1);
}

TEST_F(SupervisorTest, GivesUpAfterFiveDeathsAndQuotesTheLog) {
  Supervisor supervisor(Always());
  const ChildSpec actor = Shell("actor", 7, "echo cannot do it; exit 3");
  ASSERT_TRUE(supervisor.Start(actor).ok());
  absl::Status status;
  EXPECT_TRUE(WaitFor([&] {
    status = supervisor.Poll(std::chrono::steady_clock::now());
    return !status.ok();
  }));
  EXPECT_EQ(Lines(actor), 5);
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("actor 7 died 5 times within a minute, at last with exit code 3"));
  EXPECT_THAT(message, HasSubstr(actor.log_path));
  EXPECT_THAT(message, HasSubstr("\n  cannot do it\n"));
}

TEST_F(SupervisorTest, LeavesTheDeadAloneWhereNotWanted) {
  std::string asked;
  Supervisor supervisor([&](const ChildSpec& spec, const ExitStatus& exit) {
    asked = absl::StrCat(spec.role, ": ", exit.ToString());
    return false;
  });
  ASSERT_TRUE(supervisor.Start(Shell("learner", 0, "exit 4")).ok());
  EXPECT_TRUE(WaitFor([&] {
    EXPECT_TRUE(supervisor.Poll(std::chrono::steady_clock::now()).ok());
    return supervisor.running() == 0;
  }));
  EXPECT_EQ(asked, "learner: exit code 4");
  ASSERT_TRUE(supervisor.ended("learner", 0).has_value());
  EXPECT_EQ(supervisor.ended("learner", 0)->code, 4);
  EXPECT_FALSE(supervisor.ended("learner", 1).has_value());
}

TEST_F(SupervisorTest, RetiredItStartsNothing) {
  Supervisor supervisor(Always());
  ASSERT_TRUE(supervisor.Start(Shell("actor", 0, "exec sleep 1000")).ok());
  supervisor.Retire();
  supervisor.Signal(SIGTERM);
  EXPECT_TRUE(WaitFor([&] {
    EXPECT_TRUE(supervisor.Poll(std::chrono::steady_clock::now()).ok());
    return supervisor.running() == 0;
  }));
  EXPECT_EQ(supervisor.ended("actor", 0)->signal, SIGTERM);
}

TEST_F(SupervisorTest, RetiredItStartsNobodyWhoWasAboutToBe) {
  Supervisor supervisor(Always());
  const auto now = std::chrono::steady_clock::now();
  const ChildSpec spec = Shell("actor", 0, "echo once");
  ASSERT_TRUE(supervisor.Start(spec).ok());
  EXPECT_TRUE(WaitFor([&] {
    EXPECT_TRUE(supervisor.Poll(now).ok());
    return supervisor.running() == 0;
  }));
  supervisor.Retire();
  EXPECT_TRUE(supervisor.Poll(now + RestartPolicy::kLongestWait).ok());
  EXPECT_EQ(supervisor.running(), 0);
  EXPECT_EQ(Lines(spec), 1);
}

TEST_F(SupervisorTest, LeavesNoProcess) {
  {
    Supervisor supervisor(Always());
    ASSERT_TRUE(
        supervisor.Start(Shell("actor", 0, "trap '' TERM INT; while :; do sleep 0.1; done")).ok());
  }
  EXPECT_TRUE(WaitFor([&] { return mark_.Running().empty(); }));
}

TEST_F(SupervisorTest, AProgramThatIsNotThereIsAnError) {
  Supervisor supervisor(Always());
  ChildSpec spec;
  spec.command = {"/nowhere/drover"};
  EXPECT_THAT(std::string(supervisor.Start(spec).message()), HasSubstr("/nowhere/drover"));
}

TEST_F(SupervisorTest, QuotesTheEndOfALog) {
  const std::string path = directory_.path() + "/log";
  std::ofstream(path) << "1\n2\n3\n";
  EXPECT_EQ(LogTail(path, 2), "  2\n  3\n");
  EXPECT_EQ(LogTail(path, 10), "  1\n  2\n  3\n");
  EXPECT_EQ(LogTail("/nowhere", 10), "");
}

}  // namespace
}  // namespace drover
