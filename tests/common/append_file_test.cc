#include "common/append_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "common/file.h"

namespace drover {
namespace {

class AppendFileTest : public ::testing::Test {
 protected:
  const TempDirectory directory_ = *TempDirectory::Make();
  const std::string path_ = directory_.path() + "/file";
};

TEST_F(AppendFileTest, GoesOnInAnOldFile) {
  for (const std::string record : {"one\n", "two\n"}) {
    auto file = AppendFile::Open(path_);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE(file->Append(record).ok());
  }
  EXPECT_EQ(*ReadFile(path_), "one\ntwo\n");
}

// As on a full disk: the system takes a part of the record.
TEST_F(AppendFileTest, ARecordIsThereWholeOrNotAtAll) {
  auto file = AppendFile::Open(path_);
  ASSERT_TRUE(file.ok() && file->Append("one\n").ok());
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit page{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &page);
  const absl::Status status = file->Append(std::string(5000, 'x') + "\n");
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(*ReadFile(path_), "one\n");
  ASSERT_TRUE(file->Append("two\n").ok());
  EXPECT_EQ(*ReadFile(path_), "one\ntwo\n");
}

TEST_F(AppendFileTest, ErrorsNameTheFile) {
  const absl::Status missing = AppendFile::Open("/nowhere/file").status();
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_NE(missing.message().find("/nowhere/file"), std::string::npos);
  auto full = AppendFile::Open("/dev/full");
  ASSERT_TRUE(full.ok());
  EXPECT_TRUE(absl::IsResourceExhausted(full->Append("x")));
}

}  // namespace
}  // namespace drover
