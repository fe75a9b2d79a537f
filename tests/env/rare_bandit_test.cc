#include "env/rare_bandit.h"

#include "tests/env/bandits.h"

namespace drover {
namespace {

TEST(RareBanditTest, OneArmPaysMuchAndAHundredALittle) {
  RareBandit bandit;
  int much = 0;
  int little = 0;
  for (int32_t arm = 0; arm < bandit.spec().action.n; ++arm) {
    const float reward = Pays(bandit, Action{arm, nullptr});
    much += reward == 1 ? 1 : 0;
    little += reward == 0.1F ? 1 : 0;
    if (reward != 1 && reward != 0.1F) EXPECT_EQ(reward, 0) << arm;
  }
  EXPECT_EQ(much, 1);
  EXPECT_EQ(Pays(bandit, Action{777, nullptr}), 1);
  EXPECT_EQ(little, 100);
}

}  // namespace
}  // namespace drover
