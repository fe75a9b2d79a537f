#include "common/checkpoint_directory.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/file.h"

namespace drover {
namespace {

class CheckpointDirectoryTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Write(uint64_t number, const std::string& contents = "text",
                                    size_t keep = 10) const {
    return WriteCheckpointDirectory(
        root_, number, "test/1", keep,
        [&](const std::string& directory) { return WriteFile(directory + "/a", contents); });
  }

  static absl::Status Check(const std::string& path, const std::string& format = "test/1",
                            const std::string& required = "a") {
    return CheckCheckpointDirectory(path, format, {required});
  }

  const TempDirectory directory_ = *TempDirectory::Make();
  const std::string root_ = directory_.path() + "/checkpoints";
};

TEST_F(CheckpointDirectoryTest, WritesAndChecks) {
  EXPECT_TRUE(ListCheckpoints(root_).empty());
  EXPECT_EQ(*Write(3), CheckpointPath(root_, 3));
  EXPECT_TRUE(Check(root_ + "/3").ok());
  EXPECT_TRUE(absl::IsNotFound(Check(root_ + "/4")));
  EXPECT_TRUE(absl::IsDataLoss(Check(root_ + "/3", "test/2")));
  EXPECT_TRUE(absl::IsDataLoss(Check(root_ + "/3", "test/1", "b")));
  ASSERT_TRUE(WriteFile(root_ + "/3/a", "tex").ok());
  EXPECT_TRUE(absl::IsDataLoss(Check(root_ + "/3")));
}

TEST_F(CheckpointDirectoryTest, KeepsTheNewestAndWhatIsNotItsOwn) {
  ASSERT_TRUE(MakeDirectories(root_ + "/007").ok());
  for (const uint64_t number : {9, 10, 11}) ASSERT_TRUE(Write(number, "text", 2).ok());
  EXPECT_EQ(ListCheckpoints(root_), (std::vector<uint64_t>{11, 10}));
  EXPECT_EQ(*ListDirectory(root_), (std::vector<std::string>{"007", "10", "11"}));
}

TEST_F(CheckpointDirectoryTest, ReplacesTheSameNumber) {
  ASSERT_TRUE(Write(1, "old").ok());
  ASSERT_TRUE(Write(1, "new").ok());
  EXPECT_EQ(*ReadFile(root_ + "/1/a"), "new");
  EXPECT_TRUE(Check(root_ + "/1").ok());
}

TEST_F(CheckpointDirectoryTest, AFailureLeavesNothing) {
  ASSERT_TRUE(Write(1).ok());
  const auto failed = WriteCheckpointDirectory(
      root_, 2, "test/1", 1, [&](const std::string& directory) -> absl::Status {
        EXPECT_TRUE(WriteFile(directory + "/a", "half").ok());
        return absl::ResourceExhaustedError("full");
      });
  EXPECT_TRUE(absl::IsResourceExhausted(failed.status()));
  EXPECT_EQ(*ListDirectory(root_), std::vector<std::string>{"1"});
}

TEST_F(CheckpointDirectoryTest, TheNewestGoodOneIsRead) {
  const auto check = [](const std::string& path) { return Check(path); };
  EXPECT_TRUE(absl::IsNotFound(ReadNewestGoodCheckpoint(root_, check).status()));
  ASSERT_TRUE(Write(1).ok());
  ASSERT_TRUE(Write(2).ok());
  EXPECT_EQ(*ReadNewestGoodCheckpoint(root_, check), root_ + "/2");
  ASSERT_TRUE(WriteFile(root_ + "/2/a", "").ok());
  EXPECT_EQ(*ReadNewestGoodCheckpoint(root_, check), root_ + "/1");
  ASSERT_TRUE(RemoveAll(root_ + "/1/manifest.json").ok());
  EXPECT_TRUE(absl::IsDataLoss(ReadNewestGoodCheckpoint(root_, check).status()));
  const auto not_ours = [](const std::string&) { return absl::FailedPreconditionError("other"); };
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadNewestGoodCheckpoint(root_, not_ours).status()));
}

}  // namespace
}  // namespace drover
