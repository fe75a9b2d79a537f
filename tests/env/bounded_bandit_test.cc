#include "env/bounded_bandit.h"

#include "tests/env/bandits.h"

namespace drover {
namespace {

TEST(BoundedBanditTest, PaysAroundTheBestActionAndNothingOutside) {
  BoundedBandit bandit;
  EXPECT_FLOAT_EQ(Pays(bandit, 0.5F), 1);
  EXPECT_FLOAT_EQ(Pays(bandit, 0.4F), 0.5F);
  EXPECT_FLOAT_EQ(Pays(bandit, 0.8F), -0.5F);
  EXPECT_FLOAT_EQ(Pays(bandit, -0.3F), -1);
  EXPECT_FLOAT_EQ(Pays(bandit, 1), -1);
  EXPECT_FLOAT_EQ(Pays(bandit, -1), -1);
  EXPECT_FLOAT_EQ(Pays(bandit, 1.001F), 0);
  EXPECT_FLOAT_EQ(Pays(bandit, -7), 0);
}

}  // namespace
}  // namespace drover
