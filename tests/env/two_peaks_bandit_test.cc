#include "env/two_peaks_bandit.h"

#include "tests/env/bandits.h"

namespace drover {
namespace {

TEST(TwoPeaksBanditTest, TheFarPeakIsTheHigherOne) {
  TwoPeaksBandit bandit;
  EXPECT_FLOAT_EQ(Pays(bandit, 0.0F), 0.5F);
  EXPECT_FLOAT_EQ(Pays(bandit, -0.2F), 0.4F);
  EXPECT_FLOAT_EQ(Pays(bandit, 0.2F), 0.4F);
  EXPECT_FLOAT_EQ(Pays(bandit, 0.8F), 1);
  EXPECT_NEAR(Pays(bandit, 0.83F), 0.7, 1e-5);
  EXPECT_FLOAT_EQ(Pays(bandit, -0.8F), 0.1F);
  EXPECT_FLOAT_EQ(Pays(bandit, 3), 0);
}

}  // namespace
}  // namespace drover
