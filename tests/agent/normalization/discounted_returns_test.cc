#include "agent/normalization/discounted_returns.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(DiscountedReturnsTest, EachEnvironmentHasItsSumAndStartsAnew) {
  DiscountedReturns returns(2, 0.5);
  const at::Tensor reward = at::tensor({1.0F, 3.0F});
  const at::Tensor none = at::tensor({0, 0});
  EXPECT_TRUE(returns.Next(reward, none).equal(at::tensor({1.0, 3.0}, at::kDouble)));
  EXPECT_TRUE(returns.Next(reward, at::tensor({0, 2})).equal(at::tensor({1.5, 4.5}, at::kDouble)));
  EXPECT_TRUE(returns.Next(reward, none).equal(at::tensor({1.75, 3.0}, at::kDouble)));

  Archive saved;
  returns.SaveOrRestore(&saved);
  DiscountedReturns restored(2, 0.5);
  Archive archive(saved.bytes());
  restored.SaveOrRestore(&archive);
  ASSERT_TRUE(archive.Finish().ok());
  EXPECT_TRUE(restored.Next(reward, none).equal(returns.Next(reward, none)));
}

}  // namespace
}  // namespace drover
