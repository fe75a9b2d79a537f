#include "agent/returns/scan.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

constexpr int64_t kWidth = 3;

// By the definition, a number at a time, in float64.
at::Tensor Naive(const at::Tensor& a, const at::Tensor& b, const at::Tensor& initial,
                 bool backward) {
  at::Tensor x = at::empty_like(a, at::kDouble);
  const int64_t steps = a.size(0);
  for (int64_t j = 0; j < a.size(1); ++j) {
    double before = initial[j].item().toDouble();
    for (int64_t i = 0; i < steps; ++i) {
      const int64_t t = backward ? steps - 1 - i : i;
      before = a[t][j].item().toDouble() + b[t][j].item().toDouble() * before;
      x[t][j] = before;
    }
  }
  return x;
}

void ExpectNaive(const at::Tensor& a, const at::Tensor& b, const at::Tensor& initial,
                 double tolerance) {
  const auto error = [&](const at::Tensor& got, bool backward) {
    EXPECT_EQ(got.scalar_type(), a.scalar_type());
    return (got.to(at::kDouble) - Naive(a, b, initial, backward)).abs().max().item<double>();
  };
  EXPECT_LE(error(ScanBackward(a, b, initial), true), tolerance);
  EXPECT_LE(error(ScanForward(a, b, initial), false), tolerance);
}

class ScanTest : public ::testing::TestWithParam<int64_t> {};
INSTANTIATE_TEST_SUITE_P(Steps, ScanTest, ::testing::Values(1, 2, 9));

TEST_P(ScanTest, FollowsTheDefinition) {
  for (const auto& [type, tolerance] : {std::pair(at::kDouble, 1e-12), {at::kFloat, 1e-4}}) {
    const auto options = at::TensorOptions(type);
    ExpectNaive(at::randn({GetParam(), kWidth}, options), at::randn({GetParam(), kWidth}, options),
                at::randn({kWidth}, options), tolerance);
  }
}

// Other types, as other devices, take the path of tensor operations. Integers are exact.
TEST_P(ScanTest, FollowsTheDefinitionInTensorOperations) {
  const auto options = at::TensorOptions(at::kLong);
  ExpectNaive(at::randint(-5, 5, {GetParam(), kWidth}, options),
              at::randint(-5, 5, {GetParam(), kWidth}, options),
              at::randint(-5, 5, {kWidth}, options), 0);
}

TEST_P(ScanTest, TakesViewsAndLeavesThemAlone) {
  const auto options = at::TensorOptions(at::kDouble);
  const at::Tensor a = at::randn({kWidth, GetParam()}, options).t();
  const at::Tensor b = at::randn({1, kWidth}, options).expand({GetParam(), kWidth});
  const at::Tensor before = a.clone();
  ExpectNaive(a, b, at::randn({1}, options).expand({kWidth}), 1e-12);
  EXPECT_TRUE(a.equal(before));
}

TEST(ScanGradientTest, CarriesNone) {
  const at::Tensor a = at::randn({2, kWidth}).set_requires_grad(true);
  EXPECT_FALSE(ScanBackward(a, a, a[0]).requires_grad());
  EXPECT_FALSE(ScanForward(a, a, a[0]).requires_grad());
}

}  // namespace
}  // namespace drover
