#include "common/importance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace drover {
namespace {

// Independent vectors are in tests/oracles/per_sampling.json.
TEST(ImportanceTest, MakesUpForTheProbability) {
  std::vector<double> weights(3);
  ImportanceWeights({0.5, 0.25, 0.01}, 10, 0.5, absl::MakeSpan(weights));
  EXPECT_DOUBLE_EQ(weights[0], 1 / std::sqrt(5));
  EXPECT_DOUBLE_EQ(weights[1], 1 / std::sqrt(2.5));
  EXPECT_DOUBLE_EQ(weights[2], 1 / std::sqrt(0.1));
  DivideBy(weights[2], absl::MakeSpan(weights));
  EXPECT_DOUBLE_EQ(weights[0], std::sqrt(0.1 / 5));
  EXPECT_EQ(weights[2], 1);
}

TEST(ImportanceTest, UniformSamplingNeedsNoWeights) {
  std::vector<double> weights(1);
  for (const double beta : {0.0, 0.4, 1.0}) {
    ImportanceWeights({1.0 / 1024}, 1024, beta, absl::MakeSpan(weights));
    EXPECT_EQ(weights[0], 1);
  }
}

TEST(ImportanceTest, AnErrorOfEitherSignIsAPriority) {
  EXPECT_EQ(PriorityOf(-2, 0.5), 2.5);
  EXPECT_EQ(PriorityOf(2, 0.5), 2.5);
  EXPECT_EQ(PriorityOf(0, 0.5), 0.5);
}

}  // namespace
}  // namespace drover
