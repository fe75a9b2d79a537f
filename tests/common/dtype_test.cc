#include "common/dtype.h"

#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace drover {
namespace {

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

TEST(DTypeTest, EveryKindHasASizeAndAName) {
  for (int i = 1; i < DType::Kind_ARRAYSIZE; ++i) {
    const auto dtype = static_cast<DType::Kind>(i);
    EXPECT_GT(DTypeSize(dtype), 0U) << i;
    EXPECT_EQ(DTypeName(dtype), DType::Kind_Name(dtype));
  }
  EXPECT_EQ(DTypeSize(DType::float32), sizeof(float));
  EXPECT_EQ(DTypeSize(DType::float64), sizeof(double));
  EXPECT_EQ(DTypeSize(DType::int32), sizeof(int32_t));
  EXPECT_EQ(DTypeSize(DType::int64), sizeof(int64_t));
  EXPECT_EQ(DTypeSize(DType::uint8), 1U);
}

TEST(DTypeTest, APeersUnknownKindIsNoBug) {
  EXPECT_EQ(DTypeSize(static_cast<DType::Kind>(17)), 0U);
  EXPECT_EQ(DTypeName(static_cast<DType::Kind>(17)), "dtype 17");
  EXPECT_FALSE(ByteCount(static_cast<DType::Kind>(17), {1}).ok());
  EXPECT_FALSE(ByteCount(DType::unspecified, {}).ok());
}

TEST(DTypeTest, CountsElementsAndBytes) {
  EXPECT_EQ(*ElementCount({}), 1);
  EXPECT_EQ(*ElementCount({20, 4}), 80);
  EXPECT_EQ(*ByteCount(DType::float64, {3, 5}), 120U);
  EXPECT_EQ(*ByteCount(DType::uint8, {}), 1U);
}

TEST(DTypeTest, NothingOfAnythingIsEmpty) {
  EXPECT_EQ(*ElementCount({0}), 0);
  EXPECT_EQ(*ElementCount({0, kHuge}), 0);
  EXPECT_FALSE(ElementCount({kHuge, kHuge, 0}).ok());  // in whatever order
  EXPECT_FALSE(ElementCount({0, kHuge, kHuge}).ok());
}

TEST(DTypeTest, RefusesNegativeAndOverflowingShapes) {
  EXPECT_EQ(ElementCount({2, -1}).status(),
            absl::InvalidArgumentError("shape [2, -1] has a negative size"));
  EXPECT_FALSE(ElementCount({-1, -1}).ok());
  EXPECT_FALSE(ElementCount({int64_t{1} << 32, int64_t{1} << 31}).ok());
  EXPECT_EQ(*ElementCount({int64_t{1} << 31, int64_t{1} << 31}), int64_t{1} << 62);
  EXPECT_FALSE(ByteCount(DType::float32, {int64_t{1} << 61}).ok());
  EXPECT_FALSE(ByteCount(DType::float32, {kHuge}).ok());
}

TEST(DTypeTest, NamesShapes) {
  EXPECT_EQ(ShapeName({}), "[]");
  EXPECT_EQ(ShapeName({20, 4}), "[20, 4]");
}

}  // namespace
}  // namespace drover
