#include "agent/coefficient/adaptive_kl.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(AdaptKlPenaltyTest, LeavesBetaWithinAFactorOfOneAndAHalf) {
  constexpr double kTarget = 0.01;
  constexpr double kBeta = 3;
  EXPECT_EQ(AdaptKlPenalty(kBeta, 1.51 * kTarget, kTarget), 2 * kBeta);
  EXPECT_EQ(AdaptKlPenalty(kBeta, 1.49 * kTarget, kTarget), kBeta);
  EXPECT_EQ(AdaptKlPenalty(kBeta, kTarget, kTarget), kBeta);
  EXPECT_EQ(AdaptKlPenalty(kBeta, kTarget / 1.49, kTarget), kBeta);
  EXPECT_EQ(AdaptKlPenalty(kBeta, kTarget / 1.51, kTarget), kBeta / 2);
  EXPECT_EQ(AdaptKlPenalty(kBeta, 0, kTarget), kBeta / 2);
}

}  // namespace
}  // namespace drover
