#include "learner/version_block.h"

#include <gtest/gtest.h>

#include "common/file.h"
#include "tests/support/small_disk.h"

namespace drover {
namespace {

class VersionBlockTest : public ::testing::Test {
 protected:
  const TempDirectory directory_ = *TempDirectory::Make();
  const std::string path_ = directory_.path() + "/versions";
};

TEST_F(VersionBlockTest, ANewRunStartsAtOne) {
  const auto block = VersionBlock::Open(path_);
  ASSERT_TRUE(block.ok());
  EXPECT_EQ(block->First(0), 1U);
}

TEST_F(VersionBlockTest, AKilledLearnerGoesOnAboveAllThatWerePublished) {
  uint64_t published = 0;
  for (int life = 0; life < 3; ++life) {
    auto block = VersionBlock::Open(path_);
    ASSERT_TRUE(block.ok());
    const uint64_t first = block->First(/*version of its checkpoint=*/10);
    if (life > 0) EXPECT_GT(first, published);
    for (uint64_t version = first; version < first + 200000; ++version) {
      ASSERT_TRUE(block->Reserve(version).ok());
      published = version;
    }
  }
}

TEST_F(VersionBlockTest, ACleanStopLeavesNoGap) {
  auto block = VersionBlock::Open(path_);
  ASSERT_TRUE(block->Reserve(block->First(0)).ok());
  ASSERT_TRUE(block->Finish(123).ok());
  EXPECT_EQ(VersionBlock::Open(path_)->First(123), 123U);
}

TEST_F(VersionBlockTest, ReservesOnDiskBeforeItReturns) {
  auto block = VersionBlock::Open(path_);
  ASSERT_TRUE(block->Reserve(5).ok());
  EXPECT_GT(VersionBlock::Open(path_)->First(0), 5U);
}

// A full disk does not stop a learner that still has versions.
TEST_F(VersionBlockTest, UsesItsBlockUpWhenWritingFails) {
  auto block = VersionBlock::Open(path_);
  ASSERT_TRUE(block->Reserve(0).ok());
  const uint64_t end = VersionBlock::Open(path_)->First(0);
  ASSERT_TRUE(RemoveAll(directory_.path()).ok());
  for (uint64_t version = 0; version < end; ++version) ASSERT_TRUE(block->Reserve(version).ok());
  EXPECT_FALSE(block->Reserve(end).ok());
  ASSERT_TRUE(MakeDirectories(directory_.path()).ok());
  EXPECT_TRUE(block->Reserve(end).ok());
}

// Also one that trains, or starts again, for longer than a block lasts.
TEST_F(VersionBlockTest, AFullDiskHasRoomForTheNextBlock) {
  const std::string disk = directory_.path() + "/disk";
  if (!MountSmallDisk(disk, 1 << 20)) GTEST_SKIP() << "may not mount a disk here";
  auto block = VersionBlock::Open(disk + "/versions");
  ASSERT_TRUE(block->Reserve(1).ok());
  FillDisk(disk + "/filler");
  EXPECT_TRUE(absl::IsResourceExhausted(WriteFile(disk + "/other", "x")));
  const uint64_t end = VersionBlock::Open(disk + "/versions")->First(0);
  ASSERT_TRUE(block->Reserve(end).ok());
  EXPECT_GT(VersionBlock::Open(disk + "/versions")->First(0), end);
  EXPECT_TRUE(block->Finish(7).ok());
  EXPECT_EQ(VersionBlock::Open(disk + "/versions")->First(0), 7U);
}

TEST_F(VersionBlockTest, SaysWhatIsWrong) {
  ASSERT_TRUE(WriteFile(path_, "many\n").ok());
  EXPECT_EQ(VersionBlock::Open(path_).status().code(), absl::StatusCode::kDataLoss);
  auto block = VersionBlock::Open(directory_.path() + "/none/versions");
  ASSERT_TRUE(block.ok());
  EXPECT_FALSE(block->Reserve(0).ok());
}

}  // namespace
}  // namespace drover
