#include "common/watched_file.h"

#include "common/file.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

using Numbers = WatchedFile<int>;

absl::StatusOr<int> Parse(absl::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("empty");
  return static_cast<int>(text.size());
}

class WatchedFileTest : public ::testing::Test {
 protected:
  void Write(const std::string& text) const { ASSERT_TRUE(WriteFile(path_, text).ok()); }
  // Once so many seconds have passed since the last call.
  int After(int seconds) { return *file_.Get(now_ += std::chrono::seconds(seconds)); }

  TempDirectory directory_ = *TempDirectory::Make();
  const std::string path_ = directory_.path() + "/file";
  Numbers file_{path_, Parse};
  Numbers::Clock::time_point now_ = Numbers::Clock::now();
};

TEST_F(WatchedFileTest, IsReadAgainWhenItChanges) {
  EXPECT_FALSE(file_.Load().ok());
  Write("1");
  ASSERT_TRUE(file_.Load().ok());
  EXPECT_EQ(After(0), 1);
  Write("22");
  EXPECT_EQ(After(0), 1) << "not yet";
  EXPECT_EQ(After(1), 2);
}

TEST_F(WatchedFileTest, WhatItSaidHoldsWhileItMakesNoSense) {
  Write("1");
  ASSERT_TRUE(file_.Load().ok());
  Write("");
  EXPECT_EQ(After(1), 1);
  ASSERT_TRUE(RemoveAll(path_).ok());
  EXPECT_EQ(After(1), 1);
  Write("333");
  EXPECT_EQ(After(1), 3);
}

}  // namespace
}  // namespace drover
