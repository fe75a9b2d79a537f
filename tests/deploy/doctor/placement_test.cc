#include "deploy/doctor/placement.h"

#include <sys/stat.h>

#include <cstdlib>
#include <string>

#include "common/file.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

TEST(PlacementTest, WhatTheEngineSaysAndWhatShowsMore) {
  EXPECT_EQ(CheckPlacement("local", absl::OkStatus()).level, Finding::Level::kOk);
  const absl::Status none = absl::FailedPreconditionError("there is no Slurm to submit to");
  const TempDirectory programs = *TempDirectory::Make();
  setenv("PATH", programs.path().c_str(), 1);
  const Finding finding = CheckPlacement("slurm", none);
  EXPECT_EQ(finding.level, Finding::Level::kWrong);
  EXPECT_EQ(finding.what, "--on=slurm");
  EXPECT_EQ(finding.found, "there is no Slurm to submit to");
  EXPECT_EQ(finding.mend.rfind("apt-get install slurm-client", 0), 0U) << finding.mend;
  EXPECT_EQ(CheckPlacement("kubernetes", none).mend.rfind("apt-get install kubernetes-client", 0),
            0U);
  const std::string sinfo = programs.path() + "/sinfo";
  ASSERT_TRUE(WriteFile(sinfo, "").ok());
  ASSERT_EQ(chmod(sinfo.c_str(), 0755), 0);
  EXPECT_EQ(CheckPlacement("slurm", none).mend.rfind("scp LOGIN_NODE:", 0), 0U);
  const absl::Status other = absl::FailedPreconditionError("no partition \"gpu\"");
  EXPECT_EQ(CheckPlacement("slurm", other).mend.rfind("sinfo --long", 0), 0U);
}

}  // namespace
}  // namespace drover
