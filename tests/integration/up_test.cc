// Runs in the background: `drover up`, `scale`, `logs`, `down` on this machine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "absl/strings/str_cat.h"
#include "common/unique_fd.h"
#include "tests/support/cluster.h"

namespace drover {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A port of this host that is in use for as long as this lives.
class TakenPort {
 public:
  TakenPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_.get(), 1), 0);
    EXPECT_EQ(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }

  int port() const { return port_; }

 private:
  UniqueFd socket_;
  int port_ = 0;
};

class UpTest : public ClusterTest {
 protected:
  // A run that does not end by itself.
  std::vector<std::string> Up(const std::vector<std::string>& more) const {
    std::vector<std::string> words = Train(kManyFrames, more);
    words[1] = "up";
    return words;
  }

  Finished Scale(const std::string& actors) const {
    return RunProgram(Drover({"scale", run_dir(), "--actors", actors, "--wait", "60"}));
  }
};

TEST_F(UpTest, ARunInTheBackgroundIsScaledReadAndEnded) {
  const Finished up = RunProgram(Up({"--detach"}));
  ASSERT_TRUE(up.exit.ok()) << up.err;
  EXPECT_THAT(up.out, HasSubstr("drover down"));
  EXPECT_GT(Status()["updates"], 0);

  ASSERT_TRUE(Scale("8").exit.ok());
  EXPECT_EQ(Members("actor").size(), 8u);
  EXPECT_EQ(Status()["desired_actors"], 8);
  // Who dies is replaced in a run of any size.
  const pid_t killed = Members("actor").at(7);
  kill(killed, SIGKILL);
  EXPECT_TRUE(WaitFor([&] {
    const std::vector<pid_t> actors = Members("actor");
    return actors.size() == 8 && actors[7] != killed;
  }));
  const Finished down_to_three = Scale("3");
  EXPECT_THAT(down_to_three.out, HasSubstr("8 -> 3 actors"));
  EXPECT_TRUE(WaitFor([&] { return mark_.Pids("actor").size() == 3; }));
  EXPECT_EQ(Members("actor").size(), 3u);
  const Finished wrong = Scale("0");
  EXPECT_EQ(wrong.exit.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("allowed is 1"));

  // The coordinator remembers the number over its death.
  kill(Status().is_object() ? mark_.Pids("coordinator").at(0) : 0, SIGKILL);
  EXPECT_TRUE(WaitFor([&] {
    const nlohmann::json status = Status();
    return status.is_object() && status["desired_actors"] == 3 && Members("actor").size() == 3;
  }));

  EXPECT_THAT(RunProgram(Drover({"logs", "actor", "1", "--run", run_dir()})).out,
              HasSubstr("joined run"));
  EXPECT_EQ(RunProgram(Drover({"logs", "actr"})).exit.code, 2);

  const Finished down = RunProgram(Drover({"down", run_dir()}));
  EXPECT_TRUE(down.exit.ok()) << down.err;
  EXPECT_THAT(mark_.Running(), IsEmpty());
  EXPECT_EQ(Summary()["end_reason"], "stopped");
  EXPECT_TRUE(RunProgram(Drover({"down", run_dir()})).exit.ok());  // again: nothing to do
}

TEST_F(UpTest, CtrlCLeavesTheRun) {
  Program up(Up({}));
  WaitForFrames();
  up.Signal(SIGINT);
  EXPECT_TRUE(up.Wait().ok());
  EXPECT_THAT(up.Stdout(), HasSubstr("the run goes on"));
  WaitForFrames(Status()["frames"]);
  EXPECT_TRUE(RunProgram(Drover({"down", run_dir()})).exit.ok());
}

TEST_F(UpTest, AKilledLauncherLeavesNothingAndTheRunCanGoOn) {
  ASSERT_TRUE(RunProgram(Up({"--detach", "--set", "checkpoint.every_seconds=0.2"})).exit.ok());
  ASSERT_TRUE(WaitFor([&] { return Exists("checkpoints"); }));
  const std::vector<pid_t> launcher = mark_.Pids("launch");
  ASSERT_EQ(launcher.size(), 1u);
  kill(launcher[0], SIGKILL);
  EXPECT_TRUE(WaitFor([&] { return mark_.Running().empty(); }));
  EXPECT_TRUE(RunProgram(Drover({"down", run_dir()})).exit.ok());
  ASSERT_TRUE(RunProgram(Up({"--detach", "--resume"})).exit.ok());
  EXPECT_TRUE(RunProgram(Drover({"down", run_dir()})).exit.ok());
}

TEST_F(UpTest, ALauncherThatDoesNotEndIsKilledInTime) {
  ASSERT_TRUE(RunProgram(Up({"--detach"})).exit.ok());
  const std::vector<pid_t> launcher = mark_.Pids("launch");
  ASSERT_EQ(launcher.size(), 1u);
  kill(launcher[0], SIGSTOP);
  const Finished down = RunProgram(Drover({"down", run_dir(), "--timeout", "1"}));
  EXPECT_TRUE(down.exit.ok()) << down.err;
  EXPECT_THAT(down.out, HasSubstr("it does not end within 1 s: killed"));
  EXPECT_TRUE(WaitFor([&] { return mark_.Running().empty(); }));
}

TEST_F(UpTest, APortThatIsTakenEndsItWithTheReason) {
  const TakenPort taken;
  const Finished up = RunProgram(Up({"--listen", absl::StrCat("127.0.0.1:", taken.port())}));
  EXPECT_EQ(up.exit.code, 1);
  EXPECT_THAT(up.err, HasSubstr(absl::StrCat("127.0.0.1:", taken.port())));
  EXPECT_THAT(mark_.Running(), IsEmpty());
}

TEST_F(UpTest, AnEngineThatThereIsNotIsRefused) {
  const Finished up = RunProgram(Up({"--on=moon"}));
  EXPECT_EQ(up.exit.code, 2);
  EXPECT_THAT(up.err, HasSubstr("there is local, slurm"));
  EXPECT_FALSE(Exists(""));
}

}  // namespace
}  // namespace drover
