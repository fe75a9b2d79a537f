#include "replay/chunk.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/replay/chunks.h"

namespace drover {
namespace {

using testing::kSteps;
using testing::MakeChunk;

class ChunkTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  const ChunkLayout layout_{*UnrollLayout::Make(testing::TestSpec())};
};

// Small ones are one piece of memory, large ones keep the strings that came; some have marks.
TEST_P(ChunkTest, HasWhatCame) {
  const uint32_t environments = GetParam();
  for (const bool marked : {false, true}) {
    Unrolls unrolls = testing::Message(5, environments);
    if (marked) {
      testing::Truncate(&unrolls, 0, 1, 77, 0, environments);
      testing::Truncate(&unrolls, 2, 0, 88, 0, environments);
      VersionRun* run = unrolls.add_versions();
      run->set_first_step(kSteps - 1);
      run->set_version(9);
    }
    size_t payload = 0;
    for (const std::string& column : unrolls.columns()) payload += column.size();
    const ChunkRef chunk = MakeChunk(unrolls, layout_, nullptr, environments);
    EXPECT_EQ(layout_.chunks(), 1U);
    EXPECT_EQ(layout_.payload_bytes(), payload);
    EXPECT_EQ(chunk->payload_bytes(), payload);
    EXPECT_EQ(chunk->environments(), environments);
    ASSERT_EQ(chunk->columns(), static_cast<size_t>(unrolls.columns_size()));
    for (size_t leaf = 0; leaf < chunk->columns(); ++leaf) {
      EXPECT_EQ(chunk->column(leaf), unrolls.columns(static_cast<int>(leaf)));
    }
    EXPECT_EQ(chunk->finals().size(), marked ? 2U : 0U);
    EXPECT_EQ(chunk->FindFinal(0, 1), marked ? 0 : -1);
    EXPECT_EQ(chunk->FindFinal(2, 0), marked ? 1 : -1);
    EXPECT_EQ(chunk->FindFinal(1, 0), -1);
    EXPECT_EQ(chunk->VersionAt(kSteps - 2), 5U);
    EXPECT_EQ(chunk->VersionAt(kSteps - 1), marked ? 9U : 5U);
  }
  EXPECT_EQ(layout_.chunks(), 0U);
  EXPECT_EQ(layout_.payload_bytes(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Environments, ChunkTest, ::testing::Values(2, 5000));

}  // namespace
}  // namespace drover
