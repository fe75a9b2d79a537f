#include "deploy/run_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/rpc/address.h"

namespace drover {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Each test in a working directory of its own, where it finds runs/.
class RunDirTest : public ::testing::Test {
 protected:
  RunDirTest() : directory_(*TempDirectory::Make()) {
    EXPECT_EQ(chdir(directory_.path().c_str()), 0);
  }
  ~RunDirTest() override { EXPECT_EQ(chdir("/"), 0); }

  static RunDir MustOpen(const std::string& path, bool resume = false) {
    absl::StatusOr<RunDir> run_dir = RunDir::Open(path, resume);
    EXPECT_TRUE(run_dir.ok()) << run_dir.status();
    return *std::move(run_dir);
  }

  static void MakeRun(const std::string& path) {
    Experiment experiment;
    experiment.set_name("x");
    EXPECT_TRUE(MustOpen(path).WriteConfig(experiment, Spec()).ok());
  }

  TempDirectory directory_;
};

TEST_F(RunDirTest, NamesARunAfterConfigAndTime) {
  const std::string path = NewRunDirPath("cartpole");
  EXPECT_THAT(path, ::testing::MatchesRegex("runs/cartpole-[0-9]{8}-[0-9]{6}"));
  fs::create_directories(path);
  const std::string second = NewRunDirPath("cartpole");
  EXPECT_NE(second, path);
  EXPECT_THAT(NewRunDirPath("../../etc/x y"), StartsWith("runs/.._.._etc_x_y-"));
}

TEST_F(RunDirTest, HoldsConfigAndSpec) {
  const RunDir run_dir = MustOpen("runs/a-1");
  EXPECT_TRUE(fs::path(run_dir.path()).is_absolute());
  Experiment experiment;
  experiment.set_environment("Catch-v0");
  Spec spec;
  spec.set_steps(5);
  ASSERT_TRUE(run_dir.WriteConfig(experiment, spec).ok());
  EXPECT_EQ(*ReadFile(run_dir.File("config.textproto")), "environment: \"Catch-v0\"\n");
  EXPECT_EQ(*ReadFile(run_dir.File("spec.textproto")), "steps: 5\n");
  EXPECT_EQ(LogPath(run_dir.path(), "actor", 3), run_dir.path() + "/logs/actor-3.log");
  EXPECT_TRUE(fs::is_directory("runs/a-1/logs"));
}

TEST_F(RunDirTest, OneProcessHasIt) {
  const RunDir first = MustOpen("runs/a-1");
  const absl::StatusOr<RunDir> second = RunDir::Open("runs/a-1", false);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another run is using runs/a-1"));
}

TEST_F(RunDirTest, ARunIsNotOverwrittenButResumed) {
  MakeRun("runs/a-1");
  const absl::StatusOr<RunDir> anew = RunDir::Open("runs/a-1", false);
  EXPECT_EQ(anew.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(anew.status().message()), HasSubstr("--resume"));
  EXPECT_TRUE(RunDir::Open("runs/a-1", true).ok());
  EXPECT_TRUE(absl::IsNotFound(RunDir::Open("runs/b-1", true).status()));
  EXPECT_FALSE(fs::exists("runs/b-1"));
}

TEST_F(RunDirTest, FindsTheNewestRun) {
  EXPECT_TRUE(absl::IsNotFound(NewestRunDir("").status()));
  const auto now = fs::file_time_type::clock::now();
  int age = 0;
  for (const char* path : {"runs/b-20240102-000000", "runs/a-b-20240101-000000",
                           "runs/a-20240103-000000", "runs/a-20240101-000000"}) {
    MakeRun(path);
    fs::last_write_time(fs::path(path) / "config.textproto", now - std::chrono::hours(age++));
  }
  fs::create_directories("runs/a-20240109-000000");  // no run in it
  EXPECT_EQ(*NewestRunDir(""), "runs/b-20240102-000000");
  EXPECT_EQ(*NewestRunDir("a"), "runs/a-20240103-000000");
  EXPECT_EQ(*NewestRunDir("a-b"), "runs/a-b-20240101-000000");
  EXPECT_THAT(std::string(NewestRunDir("c").status().message()), HasSubstr("no run of c in runs"));
}

TEST_F(RunDirTest, SocketsStayShortEnough) {
  const std::string deep = "runs/" + std::string(120, 'd');
  for (const std::string& path : {std::string("runs/a-1"), deep}) {
    const RunDir run_dir = MustOpen(path);
    const std::string address = run_dir.SocketAddress("evaluator", 65535);
    EXPECT_TRUE(CheckAddress(address).ok()) << address;
    EXPECT_LT(address.size(), 105u);
    EXPECT_TRUE(fs::is_directory(fs::path(address.substr(5)).parent_path())) << address;
  }
}

TEST_F(RunDirTest, SaysWhyADirectoryCannotBeUsed) {
  std::ofstream("file") << "x";
  EXPECT_THAT(std::string(RunDir::Open("file/run", false).status().message()), HasSubstr("file"));
}

}  // namespace
}  // namespace drover
