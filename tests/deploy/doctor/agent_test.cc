#include "deploy/doctor/agent.h"

#include <string>

#include "common/file.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

using Level = Finding::Level;

constexpr char kAgent[] = "/opt/drover/bin/drover-agent";

// The real one is asked by tests/integration/doctor_test.cc.
TEST(AgentTest, WhatIsNoneOfOurs) {
  EXPECT_EQ(AskAgent("/nowhere/drover-agent").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(AskAgent("/etc/passwd").ok());
  EXPECT_EQ(AskAgent("/bin/false").status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(AskAgent("/bin/echo").status().message(),
            "/bin/echo is not what it should be: devices\n");
}

TEST(AgentTest, LibTorch) {
  const Finding good = CheckLibTorch(kAgent, Devices{"2.11.0", 0, "none"});
  EXPECT_EQ(good.level, Level::kOk);
  EXPECT_EQ(good.found, "2.11.0, in /opt/drover/bin/drover-agent");
  const Finding bad = CheckLibTorch(kAgent, absl::AbortedError("libc10.so: no such file"));
  EXPECT_EQ(bad.level, Level::kWrong);
  EXPECT_EQ(bad.mend, "./drover build");
  // A tarball's own script puts it there.
  const TempDirectory unpacked = *TempDirectory::Make();
  ASSERT_TRUE(WriteFile(unpacked.path() + "/get_libtorch.sh", "").ok());
  EXPECT_EQ(CheckLibTorch(unpacked.path() + "/bin/drover-agent", absl::AbortedError("")).mend,
            unpacked.path() + "/get_libtorch.sh cpu");
}

TEST(AgentTest, Gpus) {
  const Devices none{"2.11.0", 0, "no CUDA library"};
  const Devices two{"2.11.0", 2, ""};
  EXPECT_EQ(CheckGpus(kAgent, none, 0, false).level, Level::kOk);
  EXPECT_EQ(CheckGpus(kAgent, two, 2, true).level, Level::kOk);
  EXPECT_EQ(CheckGpus(kAgent, two, 3, true).level, Level::kWrong);
  const Finding driverless = CheckGpus(kAgent, none, 1, false);
  EXPECT_EQ(driverless.level, Level::kWrong);
  EXPECT_EQ(driverless.found, "1 wanted; none to be used: no CUDA library");
  EXPECT_EQ(driverless.mend.rfind("apt-get install nvidia-driver", 0), 0U) << driverless.mend;
  const Finding driver = CheckGpus(kAgent, none, 1, true);
  EXPECT_EQ(driver.mend.rfind("nvidia-smi", 0), 0U) << driver.mend;
  EXPECT_NE(driver.mend.find("--set device=cpu"), std::string::npos) << driver.mend;
}

}  // namespace
}  // namespace drover
