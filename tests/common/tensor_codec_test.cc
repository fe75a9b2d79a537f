#include "common/tensor_codec.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace drover {
namespace {

const std::vector<int64_t> kShape = {2, 3};
const std::vector<float> kNumbers = {0, 1, -2, 3.5, 1e-30F, 1e30F};

Tensor Encoded() { return EncodeTensor(DType::float32, kShape, kNumbers.data()); }

absl::string_view BytesOf(const std::vector<float>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)};
}

TEST(TensorCodecTest, RoundTrip) {
  const Tensor tensor = Encoded();
  ASSERT_TRUE(CheckTensor(tensor).ok());
  std::vector<float> decoded(kNumbers.size());
  ASSERT_TRUE(DecodeTensor(tensor, DType::float32, kShape, decoded.data()).ok());
  EXPECT_EQ(decoded, kNumbers);
}

TEST(TensorCodecTest, TheWireIsLittleEndian) {
  const int32_t number = 0x01020304;
  EXPECT_EQ(EncodeTensor(DType::int32, {}, &number).data(), std::string("\x04\x03\x02\x01"));
}

TEST(TensorCodecTest, EmptyTensors) {
  const Tensor tensor = EncodeTensor(DType::int64, {0, 4}, nullptr);
  EXPECT_TRUE(CheckTensor(tensor).ok());
  EXPECT_TRUE(DecodeTensor(tensor, DType::int64, {0, 4}, nullptr).ok());
}

TEST(TensorCodecTest, RefusesABrokenInvariant) {
  Tensor tensor = Encoded();
  tensor.mutable_data()->pop_back();
  EXPECT_EQ(CheckTensor(tensor),
            absl::InvalidArgumentError("a tensor of float32 [2, 3] needs 24 bytes, it has 23"));
  tensor = Encoded();
  tensor.set_dtype(static_cast<DType::Kind>(99));
  EXPECT_EQ(CheckTensor(tensor).code(), absl::StatusCode::kInvalidArgument);
  tensor = Encoded();
  tensor.set_shape(0, -2);
  EXPECT_EQ(CheckTensor(tensor).code(), absl::StatusCode::kInvalidArgument);
  tensor = Encoded();
  tensor.set_shape(0, int64_t{1} << 62);
  EXPECT_EQ(CheckTensor(tensor).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(CheckTensor(Tensor()).ok());
}

TEST(TensorCodecTest, RefusesAnotherShapeOrTypeAndCopiesNothing) {
  std::vector<float> decoded(kNumbers.size(), 7);
  EXPECT_EQ(DecodeTensor(Encoded(), DType::float32, {3, 2}, decoded.data()),
            absl::InvalidArgumentError("expected float32 [3, 2], it is float32 [2, 3]"));
  EXPECT_FALSE(DecodeTensor(Encoded(), DType::int32, kShape, decoded.data()).ok());
  Tensor cut_off = Encoded();
  cut_off.mutable_data()->clear();
  EXPECT_FALSE(DecodeTensor(cut_off, DType::float32, kShape, decoded.data()).ok());
  EXPECT_EQ(decoded, std::vector<float>(kNumbers.size(), 7));
}

TEST(TensorCodecTest, FindsOneBadNumberAnywhere) {
  for (const float bad : {std::nanf(""), INFINITY, -INFINITY}) {
    std::vector<float> numbers(2500, 1.5F);
    for (float& number : numbers) {
      number = bad;
      ASSERT_FALSE(AllFinite(DType::float32, BytesOf(numbers))) << &number - numbers.data();
      number = 1.5F;
    }
    ASSERT_TRUE(AllFinite(DType::float32, BytesOf(numbers)));
  }
}

TEST(TensorCodecTest, ExtremeNumbersAreFinite) {
  using Limits = std::numeric_limits<float>;
  EXPECT_TRUE(AllFinite(DType::float32, BytesOf({Limits::max(), Limits::lowest(), Limits::min(),
                                                 Limits::denorm_min(), -0.0F})));
  EXPECT_TRUE(AllFinite(DType::float32, BytesOf(std::vector<float>(5000, -1))));
  EXPECT_TRUE(AllFinite(DType::float32, ""));
}

TEST(TensorCodecTest, ChecksDoublesByTheirOwnExponent) {
  const double large = 1e300;  // the float inside would be bad
  const auto bytes = [](const double& number) {
    return absl::string_view(reinterpret_cast<const char*>(&number), sizeof(number));
  };
  EXPECT_TRUE(AllFinite(DType::float64, bytes(large)));
  EXPECT_FALSE(AllFinite(DType::float64, bytes(std::nan(""))));
  EXPECT_FALSE(AllFinite(DType::float64, bytes(-INFINITY)));
}

TEST(TensorCodecTest, IntegersAreFinite) {
  EXPECT_TRUE(AllFinite(DType::int32, BytesOf({std::nanf("")})));
  EXPECT_TRUE(AllFinite(DType::uint8, "\xff\xff"));
}

TEST(TensorCodecTest, AnyAlignment) {
  const std::string bytes = "x" + std::string(BytesOf({1, 2, INFINITY}));
  EXPECT_FALSE(AllFinite(DType::float32, absl::string_view(bytes).substr(1)));
  EXPECT_TRUE(AllFinite(DType::float32, absl::string_view(bytes).substr(1, 8)));
}

}  // namespace
}  // namespace drover
