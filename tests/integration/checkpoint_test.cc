// Checkpoints that are damaged, and disks that are full, with real processes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/random.h"
#include "tests/support/cluster.h"
#include "tests/support/small_disk.h"

namespace drover {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class CheckpointTest : public ClusterTest {
 protected:
  CheckpointTest() { std::cout << "seed " << seed_ << std::endl; }

  // Every file below the checkpoints.
  std::map<std::string, std::string> Checkpoints() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(Path("checkpoints"))) {
      if (entry.is_regular_file()) files[entry.path()] = *ReadFile(entry.path());
    }
    return files;
  }

  // A run with two checkpoints; their paths.
  void MakeTwo(std::string* older, std::string* newer) {
    ASSERT_TRUE(RunProgram(Train("7200")).exit.ok());
    *older = Path(Summary()["checkpoint"]);
    ASSERT_TRUE(RunProgram(Train("14400", {"--resume"})).exit.ok());
    *newer = Path(Summary()["checkpoint"]);
    ASSERT_NE(*older, *newer);
  }

  // Cuts a file short, or flips a bit of it, somewhere.
  void Damage(const std::string& path, bool cut) {
    std::string bytes = *ReadFile(path);
    const size_t at = random_.Below(bytes.size());
    if (cut) {
      bytes.resize(at);
    } else {
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random_.Below(8)));
    }
    ASSERT_TRUE(WriteFile(path, bytes).ok());
  }

  const uint64_t seed_ = std::random_device()();
  Random random_ = Random({seed_});
};

TEST_F(CheckpointTest, ADamagedOneIsNamedAndTheOneBeforeItUsed) {
  std::string older;
  std::string newer;
  ASSERT_NO_FATAL_FAILURE(MakeTwo(&older, &newer));
  const std::string pristine = directory_.path() + "/pristine";
  fs::copy(run_dir(), pristine, fs::copy_options::recursive);

  const std::vector<std::string> files = {"weights.safetensors", "optimizer.safetensors",
                                          "state.json", "manifest.json"};
  std::map<std::string, std::function<void()>> damages;
  for (const std::string& file : files) {
    const bool cut = random_.Below(2) == 0;
    damages[absl::StrCat(cut ? "cut " : "flip ", file)] = [=] {
      Damage(absl::StrCat(newer, "/", file), cut);
    };
  }
  const std::string& missing = files[random_.Below(files.size())];
  damages["remove " + missing] = [=] { fs::remove(absl::StrCat(newer, "/", missing)); };
  damages["remove all, also manifest.json"] = [=] {
    fs::remove_all(newer);
    fs::create_directory(newer);
  };
  for (const auto& [name, damage] : damages) {
    SCOPED_TRACE(name);
    fs::remove_all(run_dir());
    fs::copy(pristine, run_dir(), fs::copy_options::recursive);
    damage();
    const std::string file = name.substr(name.rfind(' ') + 1);

    const Finished named = RunProgram(Drover({"eval", newer, "--episodes", "1"}));
    EXPECT_EQ(named.exit.code, 2);
    EXPECT_THAT(named.err, HasSubstr(file));

    ASSERT_TRUE(RemoveAll(Path("logs")).ok());
    const Finished resumed = RunProgram(Train("21600", {"--resume"}));
    ASSERT_TRUE(resumed.exit.ok()) << resumed.err;
    const std::string log = *ReadFile(Path("logs/learner-0.log"));
    EXPECT_THAT(log,
                HasSubstr("checkpoint " + fs::path(newer).filename().string() + " is left out"));
    EXPECT_THAT(log, HasSubstr(file));
    EXPECT_THAT(log, HasSubstr("goes on from " + older + ": 7200 frames"));
    EXPECT_EQ(Summary()["frames"], 21600);
  }
}

TEST_F(CheckpointTest, EvalOfARunPlaysTheOneBeforeADamagedOne) {
  std::string older;
  std::string newer;
  ASSERT_NO_FATAL_FAILURE(MakeTwo(&older, &newer));
  Damage(newer + "/weights.safetensors", false);
  const Finished eval = RunProgram(Drover({"eval", run_dir(), "--episodes", "1"}));
  EXPECT_TRUE(eval.exit.ok()) << eval.err;
  EXPECT_THAT(eval.out, HasSubstr(older));
  EXPECT_THAT(eval.err, HasSubstr(newer + "/weights.safetensors"));
}

TEST_F(CheckpointTest, WhereAllAreDamagedNothingIsOverwritten) {
  std::string older;
  std::string newer;
  ASSERT_NO_FATAL_FAILURE(MakeTwo(&older, &newer));
  Damage(older + "/weights.safetensors", true);
  Damage(newer + "/optimizer.safetensors", false);
  const std::map<std::string, std::string> before = Checkpoints();
  const Finished resumed = RunProgram(Train("21600", {"--resume"}));
  EXPECT_EQ(resumed.exit.code, 1);
  EXPECT_THAT(resumed.err, HasSubstr("all 2 checkpoints in " + Path("checkpoints")));
  EXPECT_EQ(Checkpoints(), before);
  const Finished eval = RunProgram(Drover({"eval", run_dir()}));
  EXPECT_EQ(eval.exit.code, 2);
  EXPECT_THAT(eval.err, HasSubstr("all 2 checkpoints"));
}

TEST_F(CheckpointTest, AFullDiskIsAnAlarmAndTrainingGoesOn) {
  if (!MountSmallDisk(run_dir(), 2 << 20)) GTEST_SKIP() << "may not mount a disk here";
  Program train(Train(kManyFrames, {"--set", "checkpoint.every_seconds=0.2"}));
  WaitForFrames();
  ASSERT_TRUE(WaitFor([&] {
    return !Status()["checkpoint_error"].is_string() && Status()["version"] > 1 &&
           Exists("checkpoints");
  }));
  FillDisk(Path("filler"));
  std::cout << "the disk is full" << std::endl;
  ASSERT_TRUE(WaitFor([&] { return Status()["checkpoint_error"].is_string(); }));
  EXPECT_THAT(Status()["checkpoint_error"], HasSubstr("No space left on device"));
  EXPECT_THAT(RunProgram(Drover({"status", run_dir()})).out, HasSubstr("ALARM"));
  const uint64_t updates = Status()["updates"];
  ASSERT_TRUE(WaitFor([&] { return Status()["updates"] > updates + 100; }));
  const Finished eval = RunProgram(Drover({"eval", run_dir(), "--episodes", "1"}));
  EXPECT_TRUE(eval.exit.ok()) << eval.err;
  ASSERT_TRUE(WaitFor([&] { return Status()["metrics"]["checkpoint_failures"] > 2; }));

  fs::remove(Path("filler"));
  ASSERT_TRUE(WaitFor([&] { return Status()["checkpoint_error"].is_null(); }));
  EXPECT_GT(Status()["metrics"]["checkpoint_failures"], 2);
  const size_t lines = Metrics().size();
  ASSERT_TRUE(WaitFor([&] { return Metrics().size() > lines; }));
  EXPECT_GT(Metrics().back()["metrics"]["checkpoint_failures"], 2);
  EXPECT_TRUE(Metrics().back()["checkpoint_error"].is_null());
  train.Signal(SIGTERM);
  const ExitStatus exit = train.Wait();
  EXPECT_TRUE(exit.ok()) << exit.ToString() << train.Stderr();
  EXPECT_EQ(Summary()["end_reason"], "stopped");
  EXPECT_TRUE(Exists(Summary()["checkpoint"].get<std::string>() + "/manifest.json"));
  const std::string log = *ReadFile(Path("logs/learner-0.log"));
  EXPECT_THAT(log, HasSubstr("no checkpoint, training goes on"));
  EXPECT_THAT(log, HasSubstr("checkpoints are written again"));
}

}  // namespace
}  // namespace drover
