#include "common/fd_watch.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

#include "common/queue.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

class FdWatchTest : public ::testing::Test {
 protected:
  FdWatchTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    read_end_ = UniqueFd(ends[0]);
    write_end_ = UniqueFd(ends[1]);
  }

  // What the watch reads: a byte, or "" at the end of the file.
  bool ReadByte(int fd) {
    char byte = 0;
    const ssize_t got = read(fd, &byte, 1);
    EXPECT_TRUE(bytes_.Push(got == 1 ? std::string(1, byte) : ""));
    return got == 1;
  }
  std::string NextByte() {
    return bytes_.Pop(std::chrono::steady_clock::now() + std::chrono::seconds(60)).value_or("late");
  }

  UniqueFd read_end_;
  UniqueFd write_end_;
  Queue<std::string> bytes_{10};
};

TEST_F(FdWatchTest, CallsForEachThingToReadAndForTheEnd) {
  FdWatch watch(std::move(read_end_), [this](int fd) { return ReadByte(fd); });
  ASSERT_EQ(write(write_end_.get(), "ab", 2), 2);
  EXPECT_EQ(NextByte(), "a");
  EXPECT_EQ(NextByte(), "b");
  write_end_.Close();
  EXPECT_EQ(NextByte(), "");
}

TEST_F(FdWatchTest, StopsAfterFalse) {
  FdWatch watch(std::move(read_end_), [this](int fd) {
    ReadByte(fd);
    return false;
  });
  ASSERT_EQ(write(write_end_.get(), "ab", 2), 2);
  EXPECT_EQ(NextByte(), "a");
  EXPECT_EQ(bytes_.Pop(std::chrono::steady_clock::now() + std::chrono::milliseconds(20)),
            std::nullopt);
}

TEST_F(FdWatchTest, EndsThoughNothingCame) {
  {
    FdWatch watch(std::move(read_end_), [this](int fd) { return ReadByte(fd); });
  }
  EXPECT_EQ(bytes_.size(), 0U);
}

}  // namespace
}  // namespace drover
