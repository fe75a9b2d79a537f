#include "client/weights_assembler.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/crc32c.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

constexpr uint64_t kLayout = 0x1234;
const char kData[] = "twelve bytes";

// kData as version `version` in chunks of 5 bytes.
std::vector<WeightsChunk> Chunks(uint64_t version) {
  const std::string data = kData;
  std::vector<WeightsChunk> chunks;
  for (size_t offset = 0; offset < data.size(); offset += 5) {
    WeightsChunk& chunk = chunks.emplace_back();
    chunk.set_offset(offset);
    chunk.set_data(data.substr(offset, 5));
  }
  WeightsHeader* header = chunks[0].mutable_header();
  header->set_version(version);
  header->set_total_bytes(data.size());
  header->set_crc32c(Crc32c(data));
  header->set_layout_hash(kLayout);
  return chunks;
}

// Adds all; what the last one gave.
absl::StatusOr<bool> AddAll(std::vector<WeightsChunk> chunks, WeightsAssembler* assembler) {
  absl::StatusOr<bool> last = false;
  for (WeightsChunk& chunk : chunks) {
    last = assembler->Add(&chunk);
    if (!last.ok()) return last;
  }
  return last;
}

TEST(WeightsAssemblerTest, PutsVersionsTogether) {
  WeightsAssembler assembler({kLayout, 12});
  for (const uint64_t version : {3, 4}) {
    std::vector<WeightsChunk> chunks = Chunks(version);
    ASSERT_EQ(chunks.size(), 3U);
    EXPECT_EQ(assembler.Add(&chunks[0]).value(), false);
    EXPECT_EQ(assembler.Add(&chunks[1]).value(), false);
    EXPECT_EQ(assembler.Add(&chunks[2]).value(), true);
    EXPECT_EQ(assembler.set().header.version(), version);
    EXPECT_EQ(assembler.set().data, kData);
  }
}

TEST(WeightsAssemblerTest, AnyLayoutIfNoneIsExpected) {
  WeightsAssembler assembler({0, 0});
  EXPECT_TRUE(AddAll(Chunks(1), &assembler).value());
}

TEST(WeightsAssemblerTest, FindsABitFlippedInAnyByte) {
  for (size_t i = 0; i < sizeof(kData) - 1; ++i) {
    std::vector<WeightsChunk> chunks = Chunks(1);
    (*chunks[i / 5].mutable_data())[i % 5] ^= 1;
    WeightsAssembler assembler({kLayout, 12});
    EXPECT_TRUE(absl::IsDataLoss(AddAll(chunks, &assembler).status())) << i;
  }
}

TEST(WeightsAssemblerTest, RefusesChunksOutOfOrder) {
  WeightsAssembler assembler({kLayout, 12});
  std::vector<WeightsChunk> chunks = Chunks(1);
  std::swap(chunks[1], chunks[2]);
  EXPECT_TRUE(absl::IsInvalidArgument(AddAll(chunks, &assembler).status()));

  chunks = Chunks(1);
  EXPECT_TRUE(absl::IsInvalidArgument(AddAll({chunks[1]}, &assembler).status()));  // no header
  EXPECT_TRUE(absl::IsInvalidArgument(AddAll({chunks[0], chunks[0]}, &assembler).status()));  // two
  EXPECT_TRUE(
      absl::IsInvalidArgument(AddAll({chunks[0], chunks[1], chunks[1]}, &assembler).status()));

  EXPECT_TRUE(AddAll(Chunks(2), &assembler).value());  // after an error all is well with a header
}

TEST(WeightsAssemblerTest, RefusesAnotherSizeOrLayout) {
  WeightsAssembler other_layout({kLayout + 1, 12});
  EXPECT_TRUE(absl::IsInvalidArgument(AddAll(Chunks(1), &other_layout).status()));
  WeightsAssembler larger({kLayout, 13});
  EXPECT_TRUE(absl::IsInvalidArgument(AddAll(Chunks(1), &larger).status()));
  WeightsAssembler smaller({kLayout, 11});
  EXPECT_TRUE(absl::IsInvalidArgument(AddAll(Chunks(1), &smaller).status()));

  WeightsAssembler assembler({kLayout, 0});
  std::vector<WeightsChunk> chunks = Chunks(1);
  chunks[2].mutable_data()->append("and more");
  EXPECT_TRUE(absl::IsInvalidArgument(AddAll(chunks, &assembler).status()));
}

TEST(WeightsAssemblerTest, SetsNoMemoryAsideForAPromise) {
  WeightsAssembler assembler({0, 0});
  std::vector<WeightsChunk> chunks = Chunks(1);
  chunks[0].mutable_header()->set_total_bytes(uint64_t{5} << 30);
  EXPECT_TRUE(absl::IsInvalidArgument(assembler.Add(&chunks[0]).status()));
  chunks[0].mutable_header()->set_total_bytes(uint64_t{3} << 30);
  EXPECT_FALSE(assembler.Add(&chunks[0]).value());
  EXPECT_LE(assembler.set().data.capacity(), uint64_t{65} << 20);
}

}  // namespace
}  // namespace drover
