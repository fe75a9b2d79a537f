#include "deploy/doctor/disk.h"

#include <sys/mount.h>

#include <iostream>
#include <string>

#include "common/file.h"
#include "gtest/gtest.h"
#include "tests/support/small_disk.h"

namespace drover {
namespace {

class DiskTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  // False: this process may mount nothing, which is told.
  bool Mount(size_t bytes) const {
    if (MountSmallDisk(Path("disk"), bytes)) return true;
    std::cout << "DROVER-SKIPPED: a disk of its own cannot be mounted here" << std::endl;
    return false;
  }

  const TempDirectory directory_ = *TempDirectory::Make();
};

TEST_F(DiskTest, ThatIsNotThereYetIsMadeOfWhatIsAbove) {
  const Finding finding = CheckDisk(Path("runs/of/mine"));
  EXPECT_NE(finding.level, Finding::Level::kWrong) << finding.found;
  EXPECT_EQ(finding.found.rfind("can be written to, ", 0), 0U) << finding.found;
  EXPECT_EQ(ListDirectory(directory_.path())->size(), 0U) << "it leaves nothing";
}

TEST_F(DiskTest, AFileInItsPlace) {
  ASSERT_TRUE(WriteFile(Path("runs"), "").ok());
  const Finding finding = CheckDisk(Path("runs/mine"));
  EXPECT_EQ(finding.level, Finding::Level::kWrong);
  EXPECT_EQ(finding.found, Path("runs") + " is a file");
  EXPECT_EQ(finding.mend, "mv " + Path("runs") + " " + Path("runs") + ".old");
}

TEST_F(DiskTest, ThatIsFullOrNearlyOrClosed) {
  if (!Mount(4 << 20)) GTEST_SKIP();
  const Finding small = CheckDisk(Path("disk"));
  EXPECT_EQ(small.level, Finding::Level::kWarning) << small.found;
  EXPECT_NE(small.found.find("0.0 GiB free"), std::string::npos) << small.found;
  ASSERT_EQ(mount("none", Path("disk").c_str(), nullptr, MS_REMOUNT, "nr_inodes=100"), 0);
  const Finding few = CheckDisk(Path("disk"));
  EXPECT_NE(few.found.find("it can hold few more files"), std::string::npos) << few.found;

  ASSERT_EQ(mount("none", Path("disk").c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  const Finding closed = CheckDisk(Path("disk/runs"));
  EXPECT_EQ(closed.level, Finding::Level::kWrong);
  EXPECT_NE(closed.found.find("Read-only file system"), std::string::npos) << closed.found;
  EXPECT_NE(closed.mend.find("remount,rw"), std::string::npos) << closed.mend;

  ASSERT_EQ(mount("none", Path("disk").c_str(), nullptr, MS_REMOUNT, nullptr), 0);
  FillDisk(Path("disk/rubbish"));
  const Finding full = CheckDisk(Path("disk"));
  EXPECT_EQ(full.level, Finding::Level::kWrong);
  EXPECT_NE(full.found.find("No space left"), std::string::npos) << full.found;
  EXPECT_NE(full.mend.find("du -xh " + Path("disk")), std::string::npos) << full.mend;
  EXPECT_EQ(ListDirectory(Path("disk"))->size(), 1U) << "it leaves nothing";
  EXPECT_EQ(umount2(Path("disk").c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace drover
