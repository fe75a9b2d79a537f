#include "replay/window.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/random.h"
#include "tests/replay/chunks.h"

namespace drover {
namespace {

using testing::FromBytes;
using testing::kSteps;
using testing::MakeChunk;

// The windows side by side, leaf by leaf.
std::vector<std::vector<char>> Assemble(const UnrollLayout& layout, uint32_t steps,
                                        const std::vector<Window>& windows,
                                        std::vector<Final>* finals) {
  const WindowAssembler assembler(&layout, steps);
  assembler.FindFinals(windows, finals);
  std::vector<std::vector<char>> columns(layout.leaves());
  std::vector<char*> places;
  for (size_t leaf = 0; leaf < layout.leaves(); ++leaf) {
    columns[leaf].resize(assembler.ColumnBytes(leaf, windows.size(), finals->size()));
    places.push_back(columns[leaf].data());
  }
  assembler.Assemble(windows, *finals, places);
  return columns;
}

class WindowTest : public ::testing::Test {
 protected:
  const UnrollLayout layout_ = *UnrollLayout::Make(testing::TestSpec());
  const ChunkLayout chunks_{layout_};
  std::vector<Final> finals_;
};

TEST_F(WindowTest, FitsIfItEndsInTheChunkAndHasAStepThere) {
  const auto fits = [](int32_t first_step, uint32_t steps) {
    return Window::Fits(first_step, steps, kSteps);
  };
  EXPECT_TRUE(fits(0, 1));
  EXPECT_TRUE(fits(2, 1));
  EXPECT_FALSE(fits(3, 1));
  EXPECT_FALSE(fits(-1, 1));
  EXPECT_TRUE(fits(-4, 5));
  EXPECT_FALSE(fits(-5, 5));
  EXPECT_TRUE(fits(-2, 5));
  EXPECT_FALSE(fits(-1, 5));
  EXPECT_FALSE(fits(INT32_MIN, 5));
  EXPECT_FALSE(fits(INT32_MAX, 5));
}

TEST_F(WindowTest, IsLinkedAsFarAsChunksAre) {
  const ChunkRef first = MakeChunk(testing::Message(1), chunks_);
  const ChunkRef second = MakeChunk(testing::Message(2), chunks_, first.get());
  const ChunkRef third = MakeChunk(testing::Message(3), chunks_, second.get());
  EXPECT_TRUE(Window(third.get(), 1, 0).IsLinked(kSteps));
  EXPECT_TRUE(Window(third.get(), 1, -6).IsLinked(kSteps));
  EXPECT_FALSE(Window(third.get(), 1, -7).IsLinked(kSteps));
  EXPECT_FALSE(Window(third.get(), 2, 0).IsLinked(kSteps));
  const ChunkRef wide = MakeChunk(testing::Message(4, 5), chunks_, third.get(), 5);
  EXPECT_TRUE(Window(wide.get(), 4, 0).IsLinked(kSteps));
  EXPECT_FALSE(Window(wide.get(), 4, -1).IsLinked(kSteps));
}

TEST_F(WindowTest, KeepsTheChunksOfItsStepsAlone) {
  ChunkRef first = MakeChunk(testing::Message(1), chunks_);
  ChunkRef second = MakeChunk(testing::Message(2), chunks_, first.get());
  ChunkRef third = MakeChunk(testing::Message(3), chunks_, second.get());
  const uint64_t payload = third->payload_bytes();
  EXPECT_EQ(chunks_.payload_bytes(), 3 * payload);
  const Window back(third.get(), 0, -1);
  const Window here(third.get(), 0, 0);
  back.Acquire(kSteps);
  here.Acquire(kSteps);
  first = ChunkRef();
  EXPECT_EQ(chunks_.chunks(), 2U);
  second = ChunkRef();
  third = ChunkRef();
  EXPECT_EQ(chunks_.chunks(), 2U);
  back.Release(kSteps);
  EXPECT_EQ(chunks_.chunks(), 1U);
  here.Release(kSteps);
  EXPECT_EQ(chunks_.chunks(), 0U);
  EXPECT_EQ(chunks_.payload_bytes(), 0U);
}

TEST_F(WindowTest, KnowsTheVersionOfItsFirstStep) {
  Unrolls unrolls = testing::Message(7);
  VersionRun* run = unrolls.add_versions();
  run->set_first_step(2);
  run->set_version(9);
  const ChunkRef before = MakeChunk(testing::Message(6), chunks_);
  const ChunkRef chunk = MakeChunk(unrolls, chunks_, before.get());
  EXPECT_EQ(Window(chunk.get(), 0, -1).Version(kSteps), 6U);
  EXPECT_EQ(Window(chunk.get(), 0, 0).Version(kSteps), 7U);
  EXPECT_EQ(Window(chunk.get(), 0, 1).Version(kSteps), 7U);
  EXPECT_EQ(Window(chunk.get(), 0, 2).Version(kSteps), 9U);
}

// Windows of every length and start, over several chunks: environment e has done s steps where it
// observes 1000 e + s.
TEST_F(WindowTest, AssemblesStepsInTheirOrder) {
  constexpr uint32_t kEnvironments = 4;
  std::vector<ChunkRef> chunks;
  for (uint64_t sequence = 1; sequence <= 5; ++sequence) {
    chunks.push_back(MakeChunk(testing::Message(sequence, kEnvironments), chunks_,
                               chunks.empty() ? nullptr : chunks.back().get(), kEnvironments));
  }
  Random random({1});
  for (uint32_t steps = 1; steps <= 11; ++steps) {
    std::vector<Window> windows;
    std::vector<float> starts;
    while (windows.size() < 100) {
      const auto sequence = 1 + random.Below(chunks.size());
      const auto environment = static_cast<uint32_t>(random.Below(kEnvironments));
      const auto first_step = static_cast<int32_t>(random.Below(20)) - 12;
      const Window window(chunks[sequence - 1].get(), environment, first_step);
      if (!Window::Fits(first_step, steps, kSteps) || !window.IsLinked(kSteps)) continue;
      windows.push_back(window);
      starts.push_back(static_cast<float>(static_cast<int32_t>(1000 * environment) +
                                          static_cast<int32_t>(kSteps * (sequence - 1)) +
                                          first_step));
    }
    const auto columns = Assemble(layout_, steps, windows, &finals_);
    EXPECT_TRUE(finals_.empty());
    EXPECT_TRUE(columns[testing::kFinalLeaf].empty());
    const auto observations = FromBytes<float>(columns[testing::kObservationLeaf]);
    const auto rewards = FromBytes<float>(columns[testing::kRewardLeaf]);
    ASSERT_EQ(observations.size(), (steps + 1) * windows.size() * 2);
    ASSERT_EQ(rewards.size(), steps * windows.size());
    for (size_t row = 0; row <= steps; ++row) {
      for (size_t i = 0; i < windows.size(); ++i) {
        const float value = starts[i] + static_cast<float>(row);
        ASSERT_EQ(observations[2 * (row * windows.size() + i)], value);
        ASSERT_EQ(observations[2 * (row * windows.size() + i) + 1], -value);
        if (row < steps) ASSERT_EQ(rewards[row * windows.size() + i], value);
      }
    }
  }
}

TEST_F(WindowTest, BringsTheFinalsThatLieInside) {
  Unrolls unrolls = testing::Message(1);
  testing::Truncate(&unrolls, 0, 1, 77, 0);
  testing::Truncate(&unrolls, 2, 0, 88, 0);
  const ChunkRef first = MakeChunk(unrolls, chunks_);
  unrolls = testing::Message(2);
  testing::Truncate(&unrolls, 0, 0, 99, 0);
  const ChunkRef second = MakeChunk(unrolls, chunks_, first.get());
  const auto columns =
      Assemble(layout_, 2,
               {Window(second.get(), 0, -1), Window(first.get(), 0, 0), Window(second.get(), 1, 0),
                Window(first.get(), 1, 0), Window(second.get(), 0, 0)},
               &finals_);
  std::vector<std::pair<uint32_t, uint32_t>> at;
  for (const Final& final : finals_) at.emplace_back(final.step, final.column);
  EXPECT_EQ(at, (std::vector<std::pair<uint32_t, uint32_t>>{{0, 0}, {0, 3}, {0, 4}, {1, 0}}));
  EXPECT_EQ(FromBytes<float>(columns[testing::kFinalLeaf]),
            (std::vector<float>{88, -88, 77, -77, 99, -99, 99, -99}));
  EXPECT_EQ(FromBytes<uint8_t>(columns[testing::kEndLeaf]),
            (std::vector<uint8_t>{2, 0, 0, 2, 2, 2, 0, 0, 0, 0}));
}

TEST_F(WindowTest, AValuePerUnrollIsThatOfTheUnrollItStartsIn) {
  Spec spec = testing::TestSpec();
  Leaf* state = spec.add_leaves();
  state->set_name("state");
  state->set_dtype(DType::uint8);
  state->add_shape(3);
  state->set_rate(Leaf::per_unroll);
  const UnrollLayout layout = *UnrollLayout::Make(spec);
  const ChunkLayout chunks(layout);
  Unrolls unrolls = testing::Message(1);
  unrolls.add_columns("abcdef");
  const ChunkRef first = MakeChunk(unrolls, chunks);
  unrolls = testing::Message(2);
  unrolls.add_columns("ghijkl");
  const ChunkRef second = MakeChunk(unrolls, chunks, first.get());
  const auto columns =
      Assemble(layout, 2,
               {Window(second.get(), 1, -1), Window(second.get(), 1, 1), Window(first.get(), 0, 1)},
               &finals_);
  EXPECT_EQ(std::string(columns.back().begin(), columns.back().end()), "defjklabc");
}

}  // namespace
}  // namespace drover
