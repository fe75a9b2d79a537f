#include "common/unique_fd.h"

#include <fcntl.h>

#include <utility>

#include "gtest/gtest.h"

namespace drover {
namespace {

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) != -1; }
int OpenNull() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(UniqueFdTest, ClosesAtItsEnd) {
  const int fd = OpenNull();
  {
    const UniqueFd owner(fd);
    EXPECT_TRUE(owner.valid());
    EXPECT_EQ(owner.get(), fd);
    EXPECT_TRUE(IsOpen(fd));
  }
  EXPECT_FALSE(IsOpen(fd));
}

TEST(UniqueFdTest, Moves) {
  const int fd = OpenNull();
  UniqueFd target;
  {
    UniqueFd source(fd);
    UniqueFd between(std::move(source));
    target = std::move(between);
  }
  EXPECT_TRUE(IsOpen(fd));
  EXPECT_EQ(target.get(), fd);
  EXPECT_TRUE(target.Close());
  EXPECT_FALSE(IsOpen(fd));
  EXPECT_TRUE(target.Close());  // nothing left to close
}

TEST(UniqueFdTest, AssignmentClosesTheOldOne) {
  const int old_fd = OpenNull();
  UniqueFd owner(old_fd);
  owner = UniqueFd(OpenNull());
  EXPECT_FALSE(IsOpen(old_fd));
}

TEST(UniqueFdTest, ReleaseGivesItAway) {
  const int fd = OpenNull();
  int released = -1;
  {
    UniqueFd owner(fd);
    released = owner.Release();
    EXPECT_FALSE(owner.valid());
  }
  EXPECT_TRUE(IsOpen(fd));
  EXPECT_EQ(released, fd);
  close(fd);
}

TEST(UniqueFdTest, CloseReportsFailure) { EXPECT_FALSE(UniqueFd(12345).Close()); }

}  // namespace
}  // namespace drover
