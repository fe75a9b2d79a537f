#include "learner/checkpoint.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <limits>

#include "common/file.h"
#include "tests/learner/unrolls.h"

namespace drover {
namespace {

CheckpointState MakeState(uint64_t version) {
  CheckpointState state;
  state.version = version;
  state.epoch = 3;
  state.seed = std::numeric_limits<uint64_t>::max();
  state.frames = 1000 + version;
  state.trained_frames = 900 + version;
  state.updates = version;
  state.seconds = 1.25;
  state.lag_sum = 2.5;
  state.lag_max = 4;
  state.episodes = 77;
  state.newest_episodes = {{0.1, 10}, {-1e300, 20}};
  state.last_sequence = {{1, 5}, {12, 6}};
  state.actor_states = {{12, std::string("\0\xff state", 8)}};
  return state;
}

class CheckpointTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Write(const CheckpointState& state, size_t keep = 3) {
    const std::string weights =
        testing::ToBytes(std::vector<float>{1, 2, 3, 4, 5, static_cast<float>(state.version)});
    const std::string steps = testing::ToBytes(std::vector<int64_t>{42});
    return WriteCheckpoint(root_, state, {{"policy.0.weight", DType::float32, {2, 3}, weights}},
                           {{"adam.step", DType::int64, {}, steps}}, keep);
  }

  const TempDirectory directory_ = *TempDirectory::Make();
  const std::string root_ = directory_.path() + "/checkpoints";
};

TEST_F(CheckpointTest, ReadsWhatWasWritten) {
  const auto path = Write(MakeState(7));
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(*path, root_ + "/7");
  const auto checkpoint = ReadNewestCheckpoint(root_);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->path, *path);
  EXPECT_EQ(checkpoint->state.ToJson(), MakeState(7).ToJson());
  EXPECT_EQ(checkpoint->state.seed, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(checkpoint->state.newest_episodes[1].undiscounted_return, -1e300);
  EXPECT_EQ(checkpoint->state.last_sequence.at(12), 6U);
  EXPECT_EQ(checkpoint->state.actor_states, MakeState(7).actor_states);
  const NamedArray* weights = checkpoint->weights.Find("policy.0.weight");
  ASSERT_NE(weights, nullptr);
  EXPECT_EQ(weights->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(weights->data, testing::ToBytes(std::vector<float>{1, 2, 3, 4, 5, 7}));
  ASSERT_NE(checkpoint->optimizer.Find("adam.step"), nullptr);
}

TEST_F(CheckpointTest, KeepsTheNewest) {
  for (const uint64_t version : {8, 9, 10, 11}) ASSERT_TRUE(Write(MakeState(version), 2).ok());
  EXPECT_EQ(*ListDirectory(root_), (std::vector<std::string>{"10", "11"}));
  EXPECT_EQ(ReadNewestCheckpoint(root_)->state.version, 11U);
}

TEST_F(CheckpointTest, ReplacesOneOfTheSameVersion) {
  ASSERT_TRUE(Write(MakeState(7)).ok());
  CheckpointState later = MakeState(7);
  later.frames = 5000;
  ASSERT_TRUE(Write(later).ok());
  EXPECT_EQ(ReadNewestCheckpoint(root_)->state.frames, 5000U);
}

TEST_F(CheckpointTest, NothingThere) {
  EXPECT_EQ(ReadNewestCheckpoint(root_).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadCheckpoint(root_ + "/7").status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(MakeDirectories(root_ + "/.draft").ok());
  ASSERT_TRUE(MakeDirectories(root_ + "/notes").ok());
  EXPECT_EQ(ReadNewestCheckpoint(root_).status().code(), absl::StatusCode::kNotFound);
}

// Every file, cut short at any place or with any one bit flipped.
TEST_F(CheckpointTest, ADamagedOneIsRefusedForTheOneBefore) {
  ASSERT_TRUE(Write(MakeState(7)).ok());
  for (const std::string name :
       {"weights.safetensors", "optimizer.safetensors", "state.json", "manifest.json"}) {
    const std::string file = root_ + "/8/" + name;
    ASSERT_TRUE(Write(MakeState(8)).ok());
    const std::string good = *ReadFile(file);
    for (size_t at = 0; at < good.size(); at += 1 + good.size() / 7) {
      for (const bool cut : {true, false}) {
        std::string bad = good.substr(0, cut ? at : good.size());
        if (!cut) bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
        ASSERT_TRUE(WriteFile(file, bad).ok());
        EXPECT_EQ(ReadCheckpoint(root_ + "/8").status().code(), absl::StatusCode::kDataLoss)
            << name << " " << at << " " << cut;
        const auto newest = ReadNewestCheckpoint(root_);
        ASSERT_TRUE(newest.ok()) << newest.status();
        EXPECT_EQ(newest->state.version, 7U);
      }
    }
    ASSERT_TRUE(RemoveAll(file).ok());
    EXPECT_EQ(ReadCheckpoint(root_ + "/8").status().code(), absl::StatusCode::kDataLoss) << name;
  }
}

TEST_F(CheckpointTest, AllDamaged) {
  ASSERT_TRUE(Write(MakeState(7)).ok());
  ASSERT_TRUE(RemoveAll(root_ + "/7/state.json").ok());
  EXPECT_EQ(ReadNewestCheckpoint(root_).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(CheckpointTest, AnOlderEpochCannotReplaceANewerOnes) {
  ASSERT_TRUE(Write(MakeState(7)).ok());
  CheckpointState old = MakeState(8);
  old.epoch = 2;
  EXPECT_EQ(Write(old).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadNewestCheckpoint(root_)->state.version, 7U);
}

// As on a full disk: no file may grow beyond a page.
TEST_F(CheckpointTest, WhatWasThereStaysWhenWritingFails) {
  ASSERT_TRUE(Write(MakeState(7)).ok());
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit page{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &page);
  const std::string bytes(40000, '\0');
  const auto failed =
      WriteCheckpoint(root_, MakeState(8), {{"w", DType::float32, {10000}, bytes}}, {}, /*keep=*/1);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(*ListDirectory(root_), std::vector<std::string>{"7"});
  EXPECT_EQ(ReadNewestCheckpoint(root_)->state.version, 7U);
}

TEST(CheckpointState, SaysWhichFieldIsWrong) {
  const std::string good = MakeState(7).ToJson();
  ASSERT_TRUE(CheckpointState::FromJson(good).ok());
  EXPECT_FALSE(CheckpointState::FromJson("").ok());
  EXPECT_FALSE(CheckpointState::FromJson("[]").ok());
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return std::string(CheckpointState::FromJson(text).status().message());
  };
  EXPECT_NE(replaced("\"frames\": 1007", "\"frames\": -1").find("frames"), std::string::npos);
  EXPECT_NE(replaced("\"updates\": 7", "\"updates\": \"7\"").find("updates"), std::string::npos);
  EXPECT_NE(replaced("\"epoch\"", "\"epoche\"").find("epoch"), std::string::npos);
  EXPECT_NE(replaced("\"12\": 6", "\"twelve\": 6").find("last_sequence"), std::string::npos);
  EXPECT_NE(replaced("\"12\": \"", "\"12\": \"*").find("actor_states"), std::string::npos);
  EXPECT_NE(replaced("0.1", "null").find("newest_episodes"), std::string::npos);
}

}  // namespace
}  // namespace drover
