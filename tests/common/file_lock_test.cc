#include "common/file_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

class FileLockTest : public ::testing::Test {
 protected:
  TempDirectory directory_ = *TempDirectory::Make();
  const std::string path_ = directory_.path() + "/lock";
};

TEST_F(FileLockTest, OneHolderAtATime) {
  absl::StatusOr<FileLock> first = FileLock::Acquire(path_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(FileLock::Acquire(path_).status(),
            absl::FailedPreconditionError(absl::StrCat(path_, " is held by process ", getpid())));
  first = absl::CancelledError();
  EXPECT_TRUE(FileLock::Acquire(path_).ok());
}

TEST_F(FileLockTest, SaysWhichProcessHoldsIt) {
  int ready[2];
  int done[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    const absl::StatusOr<FileLock> lock = FileLock::Acquire(path_);
    char byte = lock.ok() ? 'y' : 'n';
    if (write(ready[1], &byte, 1) != 1 || read(done[0], &byte, 1) != 1) _exit(1);
    _exit(0);  // without unlocking: the system does it
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  EXPECT_EQ(FileLock::Acquire(path_).status(),
            absl::FailedPreconditionError(absl::StrCat(path_, " is held by process ", holder)));
  ASSERT_EQ(write(done[1], &byte, 1), 1);
  int status = 0;
  ASSERT_EQ(waitpid(holder, &status, 0), holder);
  EXPECT_EQ(status, 0);
  ASSERT_TRUE(FileLock::Acquire(path_).ok());
  EXPECT_EQ(*ReadFile(path_), absl::StrCat(getpid(), "\n"));
  for (const int fd : {ready[0], ready[1], done[0], done[1]}) close(fd);
}

TEST_F(FileLockTest, NothingOfAnEarlierHolderIsLeft) {
  ASSERT_EQ(WriteFile(path_, "12345678901234567890\n"), absl::OkStatus());
  ASSERT_TRUE(FileLock::Acquire(path_).ok());
  EXPECT_EQ(*ReadFile(path_), absl::StrCat(getpid(), "\n"));
}

TEST_F(FileLockTest, NeedsItsDirectory) {
  EXPECT_EQ(FileLock::Acquire(directory_.path() + "/none/lock").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace drover
