#include "agent/distributions/categorical.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "common/random.h"

namespace drover {
namespace {

constexpr float kLargestUniform = 1 - 0x1p-24F;

at::Tensor Logits(const std::vector<double>& probabilities) {
  return at::tensor(probabilities, at::kFloat).log();
}

int64_t SampleOne(const at::Tensor& logits, float uniform) {
  const at::Tensor noise = at::full({1, 1}, uniform, at::kFloat);
  return Categorical(logits.size(0)).Sample(logits.unsqueeze(0), noise).action.item<int64_t>();
}

TEST(CategoricalTest, ASampleIsTheInverseOfTheCumulativeDistribution) {
  const at::Tensor logits = Logits({0.25, 0.5, 0.25}) + 3;
  EXPECT_EQ(SampleOne(logits, 0), 0);
  EXPECT_EQ(SampleOne(logits, 0.249F), 0);
  EXPECT_EQ(SampleOne(logits, 0.251F), 1);
  EXPECT_EQ(SampleOne(logits, 0.749F), 1);
  EXPECT_EQ(SampleOne(logits, 0.751F), 2);
  EXPECT_EQ(SampleOne(logits, kLargestUniform), 2);
}

TEST(CategoricalTest, NeverSamplesWhatHasNoProbability) {
  for (const float uniform : {0.0F, 0.5F, kLargestUniform}) {
    EXPECT_EQ(SampleOne(Logits({0, 1, 0}), uniform), 1) << uniform;
  }
  // Sums of many probabilities round to beside 1.
  for (int64_t n = 1; n < 3000; n += 101) {
    const at::Tensor logits = at::zeros({n + 1});
    logits[n] = -INFINITY;
    EXPECT_EQ(SampleOne(logits, kLargestUniform), n - 1) << n;
  }
}

TEST(CategoricalTest, SamplesAsOftenAsTheProbabilitySays) {
  constexpr int64_t kDraws = 200000;
  const std::vector<double> probabilities{0.1, 0.6, 0.05, 0.25};
  Random random({1});
  at::Tensor noise = at::empty({kDraws, 1}, at::kFloat);
  auto* data = noise.mutable_data_ptr<float>();
  for (int64_t i = 0; i < kDraws; ++i) data[i] = random.UniformFloat();
  const at::Tensor action =
      Categorical(4).Sample(Logits(probabilities).expand({kDraws, 4}), noise).action;
  ASSERT_EQ(action.scalar_type(), at::kLong);
  for (int64_t k = 0; k < 4; ++k) {
    const double p = probabilities[k];
    const double four_sigma = 4 * std::sqrt(p * (1 - p) / kDraws);
    EXPECT_NEAR((action == k).sum().item<double>() / kDraws, p, four_sigma) << k;
  }
}

TEST(CategoricalTest, EachRowIsADistributionOfItsOwn) {
  const at::Tensor logits = at::tensor({0.0, 1.0, 5.0, 2.0, -1.0, 3.0}, at::kFloat).view({1, 3, 2});
  const at::Tensor action = at::tensor({1, 0, 1}, at::kLong).view({1, 3});
  const Categorical categorical(2);
  EXPECT_TRUE(categorical.Mode(logits).equal(action));
  const Distribution::Draw draw = categorical.Sample(logits, at::full({1, 3, 1}, 0.5));
  EXPECT_TRUE(draw.action.equal(action));
  const at::Tensor log_prob = categorical.LogProb(logits, action);
  EXPECT_TRUE(draw.log_prob.allclose(log_prob, 1e-6, 1e-6));
  EXPECT_EQ(log_prob.sizes(), (std::vector<int64_t>{1, 3}));
  for (int64_t i = 0; i < 3; ++i) {
    const double other =
        at::softmax(logits, -1)[0][i][1 - action[0][i].item<int64_t>()].item<double>();
    EXPECT_NEAR(std::exp(log_prob[0][i].item<double>()), 1 - other, 1e-6);
  }
}

}  // namespace
}  // namespace drover
