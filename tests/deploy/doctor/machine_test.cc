#include "deploy/doctor/machine.h"

#include <sys/resource.h>

#include <string>

#include "common/file.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

constexpr uint64_t kMib = 1 << 20;

class MachineTest : public ::testing::Test {
 protected:
  MachineTest() { Write("/proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:   8388608 kB\n"); }

  void Write(const std::string& path, const std::string& text) const {
    const std::string file = root_.path() + path;
    ASSERT_TRUE(MakeDirectories(file.substr(0, file.rfind('/'))).ok());
    ASSERT_TRUE(WriteFile(file, text).ok());
  }
  Machine Read() const { return ReadMachine(root_.path()); }

  const TempDirectory root_ = *TempDirectory::Make();
};

TEST_F(MachineTest, ThisOne) {
  const Machine machine = ReadMachine();
  EXPECT_GT(machine.cores, 0);
  EXPECT_GT(machine.memory_bytes, 16 * kMib);
  EXPECT_GT(machine.open_files, 3U);
  EXPECT_GT(machine.threads, 1U);
}

TEST_F(MachineTest, WithoutControlGroupsItIsTheMachine) {
  EXPECT_EQ(Read().memory_bytes, 8192 * kMib);
  EXPECT_GE(Read().cores, 1);
  EXPECT_FALSE(Read().nvidia_driver);
  Write("/proc/driver/nvidia/version", "NVRM version: …\n");
  EXPECT_TRUE(Read().nvidia_driver);
}

TEST_F(MachineTest, AGroupOrOneAboveItBoundsIt) {
  Write("/proc/self/cgroup", "0::/jobs/7\n");
  Write("/sys/fs/cgroup/jobs/7/memory.max", "max\n");
  Write("/sys/fs/cgroup/jobs/7/cpu.max", "max 100000\n");
  Write("/sys/fs/cgroup/jobs/7/pids.max", "max\n");
  EXPECT_EQ(Read().memory_bytes, 8192 * kMib);
  Write("/sys/fs/cgroup/jobs/memory.max", "536870912\n");
  Write("/sys/fs/cgroup/jobs/cpu.max", "25000 100000\n");
  Write("/sys/fs/cgroup/jobs/pids.max", "200\n");
  EXPECT_EQ(Read().memory_bytes, 512 * kMib);
  EXPECT_EQ(Read().cores, 0.25);
  EXPECT_EQ(Read().threads, 200U);
}

TEST_F(MachineTest, AContainerSeesItsGroupAsTheRoot) {
  Write("/proc/self/cgroup", "0::/kubepods/pod3/c9\n");
  Write("/sys/fs/cgroup/memory.max", "1048576\n");
  EXPECT_EQ(Read().memory_bytes, kMib);
}

TEST_F(MachineTest, GroupsOfTheFirstVersion) {
  Write("/proc/self/cgroup", "8:pids:/\n4:memory:/a\n2:cpuacct,cpu:/a/b\n0::/\n");
  Write("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "2097152\n");
  Write("/sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us", "-1\n");
  Write("/sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us", "100000\n");
  Write("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "50000\n");
  Write("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
  Write("/sys/fs/cgroup/pids/pids.max", "50\n");
  EXPECT_EQ(Read().memory_bytes, 2 * kMib);
  EXPECT_EQ(Read().cores, 0.5);
  EXPECT_EQ(Read().threads, 50U);
}

TEST_F(MachineTest, ALowerLimitOfThisProcess) {
  const rlimit low{100, 200};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(Read().open_files, 200U) << "ours raise theirs to the hard one";
}

}  // namespace
}  // namespace drover
