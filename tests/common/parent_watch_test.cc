#include "common/parent_watch.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include "common/file.h"
#include "common/process.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

constexpr char kHelper[] = "tests/common/process_helper";

class ParentWatchTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  static void WaitForFile(const std::string& path, const std::string& contents) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (ReadFile(path).value_or("") != contents) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << ReadFile(path).value_or("none");
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  TempDirectory directory_ = *TempDirectory::Make();
};

TEST_F(ParentWatchTest, NoticesAKilledParent) {
  absl::StatusOr<Process> parent =
      Process::Start({{kHelper, "parent", Path("child")}, Path("parent")});
  ASSERT_TRUE(parent.ok()) << parent.status();
  WaitForFile(Path("child"), "watching\n");
  parent->Signal(SIGKILL);
  WaitForFile(Path("child"), "watching\norphan\n");
}

// A process between, which does not watch, does not keep the pipe from closing.
TEST_F(ParentWatchTest, NoticesAParentThatEndsByItself) {
  const std::string script = std::string("( ") + kHelper + " child & ) ; sleep 0.2";
  absl::StatusOr<Process> shell = Process::Start({{"/bin/sh", "-c", script}, Path("child")});
  ASSERT_TRUE(shell.ok()) << shell.status();
  WaitForFile(Path("child"), "watching\n");
  EXPECT_TRUE(shell->Wait().ok());
  shell = absl::CancelledError();  // closes our end
  WaitForFile(Path("child"), "watching\norphan\n");
}

TEST_F(ParentWatchTest, WatchesNothingWhereThereIsNoPipe) {
  const std::string script =
      std::string("unset ") + kParentPipeVariable + "; exec " + kHelper + " child";
  EXPECT_EQ(Process::Start({{"/bin/sh", "-c", script}, Path("child")})->Wait().code, 3);
  EXPECT_EQ(*ReadFile(Path("child")), "no parent\n");
  const std::string closed = std::string("exec 3<&-; exec ") + kHelper + " child";
  EXPECT_EQ(Process::Start({{"/bin/sh", "-c", closed}, Path("child")})->Wait().code, 3);
}

}  // namespace
}  // namespace drover
