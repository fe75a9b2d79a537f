#include "common/file.h"

#include <cerrno>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace drover {
namespace {

using ::testing::Test;

class FileTest : public Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  std::vector<std::string> Names() const { return *ListDirectory(directory_.path()); }

  TempDirectory directory_ = *TempDirectory::Make();
};

TEST_F(FileTest, WritesAndReads) {
  const std::string contents("line\nzero \0 and \xff", 16);
  ASSERT_EQ(WriteFile(Path("a"), contents), absl::OkStatus());
  EXPECT_EQ(*ReadFile(Path("a")), contents);
  ASSERT_EQ(WriteFile(Path("a"), ""), absl::OkStatus());
  EXPECT_EQ(*ReadFile(Path("a")), "");
  EXPECT_EQ(Names(), std::vector<std::string>{"a"});  // nothing temporary is left
}

TEST_F(FileTest, WritesPiecesInTheirOrder) {
  const std::string large(3 << 20, 'x');
  ASSERT_EQ(WriteFile(Path("a"), {"head", large, "", "tail"}), absl::OkStatus());
  EXPECT_EQ(*ReadFile(Path("a")), "head" + large + "tail");
}

TEST_F(FileTest, ReadsFilesThatHideTheirSize) {
  const absl::StatusOr<std::string> status = ReadFile("/proc/self/status");
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_NE(status->find("Pid:"), std::string::npos);
}

TEST_F(FileTest, RefusesTooLargeFiles) {
  ASSERT_EQ(WriteFile(Path("a"), "12345"), absl::OkStatus());
  EXPECT_EQ(*ReadFile(Path("a"), 5), "12345");
  EXPECT_EQ(ReadFile(Path("a"), 4).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReadFile("/dev/zero", 1000).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(FileTest, ErrorsNameThePathAndWhatTheSystemSaid) {
  EXPECT_EQ(ReadFile(Path("none")).status(),
            absl::NotFoundError("cannot open " + Path("none") + ": No such file or directory"));
  EXPECT_EQ(WriteFile(Path("no/a"), "x").code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(ListDirectory(Path("none")).ok());
  EXPECT_EQ(FileError(ENOSPC, "write", "/x").code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(FileTest, AFailedWriteLeavesWhatWasThereAndNothingElse) {
  ASSERT_EQ(MakeDirectories(Path("a/b")), absl::OkStatus());
  EXPECT_FALSE(WriteFile(Path("a"), "x").ok());  // a directory cannot be replaced by a file
  EXPECT_EQ(Names(), std::vector<std::string>{"a"});
}

TEST_F(FileTest, ReadersSeeWholeFiles) {
  const std::string old_contents(100000, 'o');
  const std::string new_contents(100000, 'n');
  ASSERT_EQ(WriteFile(Path("a"), old_contents), absl::OkStatus());
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(WriteFile(Path("a"), i % 2 == 0 ? new_contents : old_contents), absl::OkStatus());
    }
  });
  for (int i = 0; i < 200; ++i) {
    const std::string contents = *ReadFile(Path("a"));
    ASSERT_TRUE(contents == old_contents || contents == new_contents) << contents.size();
  }
  writer.join();
}

TEST_F(FileTest, WritersOfOneFileDoNotDisturbEachOther) {
  std::vector<std::thread> writers;
  for (const char letter : {'a', 'b', 'c'}) {
    writers.emplace_back([this, letter] {
      for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(WriteFile(Path("x"), std::string(5000, letter)), absl::OkStatus());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::string contents = *ReadFile(Path("x"));
  EXPECT_EQ(contents, std::string(5000, contents[0]));
  EXPECT_EQ(Names(), std::vector<std::string>{"x"});
}

TEST_F(FileTest, MovesADirectoryIntoPlace) {
  ASSERT_EQ(MakeDirectories(Path("7.tmp")), absl::OkStatus());
  ASSERT_EQ(WriteFile(Path("7.tmp/weights"), "w"), absl::OkStatus());
  ASSERT_EQ(MoveIntoPlace(Path("7.tmp"), Path("7")), absl::OkStatus());
  EXPECT_EQ(*ReadFile(Path("7/weights")), "w");
  EXPECT_EQ(Names(), std::vector<std::string>{"7"});

  ASSERT_EQ(MakeDirectories(Path("8.tmp")), absl::OkStatus());
  EXPECT_FALSE(MoveIntoPlace(Path("8.tmp"), Path("7")).ok());
  EXPECT_EQ(*ReadFile(Path("7/weights")), "w");
}

TEST_F(FileTest, ExchangesDirectoriesAtOnce) {
  for (const char* name : {"old", "new"}) {
    ASSERT_TRUE(MakeDirectories(Path(name)).ok());
    ASSERT_TRUE(WriteFile(Path(name) + "/name", name).ok());
  }
  ASSERT_EQ(Exchange(Path("new"), Path("old")), absl::OkStatus());
  EXPECT_EQ(*ReadFile(Path("old/name")), "new");
  EXPECT_EQ(*ReadFile(Path("new/name")), "old");
  EXPECT_TRUE(absl::IsNotFound(Exchange(Path("new"), Path("none"))));
  EXPECT_EQ(*ReadFile(Path("new/name")), "old");
}

TEST_F(FileTest, MakesAndRemovesTrees) {
  ASSERT_EQ(MakeDirectories(Path("a/b/c")), absl::OkStatus());
  EXPECT_EQ(MakeDirectories(Path("a/b/c")), absl::OkStatus());
  ASSERT_EQ(WriteFile(Path("a/b/file"), "x"), absl::OkStatus());
  EXPECT_FALSE(MakeDirectories(Path("a/b/file/d")).ok());
  EXPECT_EQ(RemoveAll(Path("a")), absl::OkStatus());
  EXPECT_EQ(RemoveAll(Path("a")), absl::OkStatus());
  EXPECT_TRUE(Names().empty());
}

TEST_F(FileTest, ListsSorted) {
  for (const char* name : {"b", "c", "a"}) ASSERT_EQ(WriteFile(Path(name), ""), absl::OkStatus());
  EXPECT_EQ(Names(), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(TempDirectoryTest, GoesWithAllInIt) {
  std::string path;
  {
    TempDirectory directory = *TempDirectory::Make();
    path = directory.path();
    const TempDirectory moved = std::move(directory);
    EXPECT_EQ(moved.path(), path);
    ASSERT_EQ(WriteFile(path + "/a", "x"), absl::OkStatus());
    EXPECT_NE(path, TempDirectory::Make()->path());
  }
  EXPECT_EQ(ListDirectory(path).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace drover
