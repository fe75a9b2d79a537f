#include "common/process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

constexpr std::chrono::seconds kLimit{60};

class ProcessTest : public ::testing::Test {
 protected:
  absl::StatusOr<Process> Shell(const std::string& script) {
    return Process::Start({{"/bin/sh", "-c", script}, log_});
  }
  // What the script said, after its end.
  std::string OutputOf(const std::string& script) {
    absl::StatusOr<Process> process = Shell(script);
    EXPECT_TRUE(process.ok()) << process.status();
    EXPECT_TRUE(process->Wait().ok());
    return *ReadFile(log_);
  }
  void WaitForLog(const std::string& contents) {
    const auto deadline = std::chrono::steady_clock::now() + kLimit;
    while (ReadFile(log_).value_or("") != contents) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << *ReadFile(log_);
      std::this_thread::yield();
    }
  }

  TempDirectory directory_ = *TempDirectory::Make();
  const std::string log_ = directory_.path() + "/log";
};

TEST_F(ProcessTest, TellsHowItEnded) {
  EXPECT_TRUE(Shell("exit 0")->Wait().ok());
  const ExitStatus failed = Shell("exit 3")->Wait();
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(failed.ToString(), "exit code 3");
  const ExitStatus killed = Shell("kill -9 $$")->Wait();
  EXPECT_FALSE(killed.ok());
  EXPECT_EQ(killed.ToString(), "signal 9 (Killed)");
}

TEST_F(ProcessTest, AppendsBothOutputsToTheLog) {
  EXPECT_EQ(OutputOf("echo out; echo error >&2"), "out\nerror\n");
  EXPECT_EQ(OutputOf("echo more"), "out\nerror\nmore\n");
}

TEST_F(ProcessTest, FindsProgramsInThePath) {
  EXPECT_TRUE(Process::Start({{"true"}, ""})->Wait().ok());
}

TEST_F(ProcessTest, SaysWhyItCannotStart) {
  const std::string program = directory_.path() + "/none";
  EXPECT_EQ(Process::Start({{program}, log_}).status(),
            absl::NotFoundError("cannot start " + program + ": No such file or directory"));
  const std::string log = directory_.path() + "/none/log";
  EXPECT_EQ(Process::Start({{"true"}, log}).status(),
            absl::NotFoundError("cannot open " + log + ": No such file or directory"));
}

TEST_F(ProcessTest, PollsAndWaitsWithADeadline) {
  Process process = *Shell("echo up; exec sleep 1000");
  EXPECT_EQ(process.Poll(), std::nullopt);
  EXPECT_EQ(process.WaitUntil(std::chrono::steady_clock::now()), std::nullopt);
  process.Signal(SIGKILL);
  ASSERT_TRUE(process.WaitUntil(std::chrono::steady_clock::now() + kLimit).has_value());
  EXPECT_EQ(process.Poll()->signal, SIGKILL);
  process.Signal(SIGKILL);  // ended: nothing to hit
}

TEST_F(ProcessTest, DiesWithItsObject) {
  pid_t pid = 0;
  {
    Process process = *Shell("exec sleep 1000");
    Process other = *Shell("exec sleep 1000");
    pid = process.pid();
    std::swap(process, other);
    const Process moved = std::move(other);
    EXPECT_EQ(moved.pid(), pid);
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

// Its parent may block signals, as StopSignal does; the child must not inherit that.
TEST_F(ProcessTest, StartsWithItsSignalsInOrder) {
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
  absl::StatusOr<Process> process = Shell("echo up; exec sleep 1000");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(process.ok()) << process.status();
  WaitForLog("up\n");
  process->Signal(SIGTERM);
  EXPECT_EQ(process->Wait().signal, SIGTERM);
}

TEST_F(ProcessTest, HasAProcessGroupOfItsOwn) {
  EXPECT_EQ(OutputOf("test $(cut -d' ' -f5 /proc/$$/stat) = $$ && echo own"), "own\n");
}

TEST_F(ProcessTest, OneThatIsDetachedOutlivesItsObject) {
  pid_t pid = 0;
  {
    ProcessOptions options{{"/bin/sh", "-c", "echo ${DROVER_PARENT_PIPE:-none}; exec sleep 1000"},
                           log_};
    options.detached = true;
    absl::StatusOr<Process> process = Process::Start(options);
    ASSERT_TRUE(process.ok()) << process.status();
    pid = process->pid();
  }
  WaitForLog("none\n");
  EXPECT_EQ(kill(pid, 0), 0);
  EXPECT_EQ(getsid(pid), pid);  // no terminal's
  kill(pid, SIGKILL);
  EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
}

TEST_F(ProcessTest, InheritsNoFileButThePipe) {
  const UniqueFd leak(open("/dev/null", O_RDONLY));  // NOLINT: without O_CLOEXEC, as others do
  const UniqueFd high_leak(fcntl(leak.get(), F_DUPFD, 20));
  ASSERT_GE(high_leak.get(), 20);
  EXPECT_EQ(OutputOf("for fd in $(seq 0 40); do test -e /proc/$$/fd/$fd && echo $fd; done; true"),
            "0\n1\n2\n3\n");
}

// Files that a child of someone else in this process would inherit.
std::set<std::string> InheritableFiles() {
  std::set<std::string> inheritable;
  const std::vector<std::string> open_files = *ListDirectory("/proc/self/fd");
  for (const std::string& fd : open_files) {
    const int flags = fcntl(std::stoi(fd), F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) inheritable.insert(fd);
  }
  return inheritable;
}

// Whoever else holds the pipe's end keeps the child from noticing its parent's death.
TEST_F(ProcessTest, LeavesNothingForOthersToInherit) {
  const std::set<std::string> before = InheritableFiles();
  const absl::StatusOr<Process> process = Shell("exec sleep 1000");
  EXPECT_EQ(InheritableFiles(), before);
}

TEST_F(ProcessTest, ReadsNothing) { EXPECT_EQ(OutputOf("cat; echo end"), "end\n"); }

TEST_F(ProcessTest, KeepsTheEnvironment) {
  ASSERT_EQ(setenv("DROVER_TEST_VALUE", "kept", 1), 0);
  ASSERT_EQ(setenv("DROVER_PARENT_PIPE", "77", 1), 0);  // of our own parent
  EXPECT_EQ(OutputOf("echo $DROVER_TEST_VALUE $DROVER_PARENT_PIPE; env | grep -c PARENT_PIPE"),
            "kept 3\n1\n");
  unsetenv("DROVER_PARENT_PIPE");
}

}  // namespace
}  // namespace drover
