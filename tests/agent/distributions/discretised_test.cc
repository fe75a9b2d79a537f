#include "agent/distributions/discretised.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>

namespace drover {
namespace {

// Two dimensions of three actions each: -1, 1, 3 and 0, 5, 10.
class DiscretisedTest : public ::testing::Test {
 protected:
  const Discretised policy_{Space::Box({2}, {-1, 0}, {3, 10}), 3};
  const at::Tensor logits_ =
      at::tensor({0.2, 0.3, 0.5, 0.6, 0.3, 0.1}, at::kFloat).log().view({1, 6});
};

TEST_F(DiscretisedTest, ActionsGoFromBoundToBoundAndEachDimensionHasItsOwn) {
  const auto draw = [this](float first, float second) {
    return policy_.Sample(logits_, at::tensor({first, second}).view({1, 2}));
  };
  EXPECT_TRUE(draw(0, 0).action.equal(at::tensor({-1.0F, 0.0F}).view({1, 2})));
  EXPECT_TRUE(draw(0.45F, 0.7F).action.equal(at::tensor({1.0F, 5.0F}).view({1, 2})));
  EXPECT_TRUE(draw(0.99F, 0.99F).action.equal(at::tensor({3.0F, 10.0F}).view({1, 2})));
  EXPECT_NEAR(draw(0.99F, 0).log_prob.item<double>(), std::log(0.5 * 0.6), 1e-6);
  EXPECT_TRUE(policy_.Mode(logits_).equal(at::tensor({3.0F, 0.0F}).view({1, 2})));
}

TEST_F(DiscretisedTest, AnActionBetweenCountsAsTheNearest) {
  const auto probability = [this](float first, float second) {
    return policy_.LogProb(logits_, at::tensor({first, second}).view({1, 2})).exp().item<double>();
  };
  EXPECT_NEAR(probability(0.9F, 5.1F), 0.3 * 0.3, 1e-6);
  EXPECT_NEAR(probability(-7, 70), 0.2 * 0.1, 1e-6);
}

}  // namespace
}  // namespace drover
