#include "deploy/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace drover {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<std::string> Shell(const std::string& script) {
  return CommandOutput({"sh", "-c", script});
}

TEST(CommandTest, ReturnsWhatItPrintedWithoutItsComplaints) {
  EXPECT_EQ(Shell("echo one; echo warning >&2; echo two").value(), "one\ntwo\n");
}

TEST(CommandTest, SaysWhyItFailed) {
  const absl::Status failed = Shell("echo out; echo complaint >&2; exit 3").status();
  EXPECT_TRUE(absl::IsAborted(failed));
  EXPECT_THAT(std::string(failed.message()), HasSubstr("exit code 3: out\ncomplaint"));
  const absl::Status missing = CommandOutput({"no-such-program"}).status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("no-such-program"));
  const absl::Status slow =
      CommandOutput({"sh", "-c", "echo begun; exec sleep 60"}, std::chrono::seconds(1)).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(slow));
  EXPECT_THAT(std::string(slow.message()), HasSubstr("begun"));
}

}  // namespace
}  // namespace drover
