#include "replay/key.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(KeyTest, IsShardGenerationAndSlot) {
  EXPECT_EQ((Key{0xab, 0xcdef01, 0x23456789}.bits()), 0xabcdef0123456789U);
  const Key key = Key::FromBits(0xabcdef0123456789);
  EXPECT_EQ(key.shard, 0xab);
  EXPECT_EQ(key.generation, 0xcdef01U);
  EXPECT_EQ(key.slot, 0x23456789U);
}

TEST(KeyTest, NoGenerationIsZero) {
  EXPECT_EQ(NextGeneration(0), 1U);
  EXPECT_EQ(NextGeneration(1), 2U);
  EXPECT_EQ(NextGeneration(Key::kMaxGeneration), 1U);
}

}  // namespace
}  // namespace drover
