#include "env/bandit.h"

#include "gtest/gtest.h"

namespace drover {
namespace {

// Pays its arm's number.
class Arms : public Bandit {
 public:
  Arms() : Bandit("Arms", Space::Discrete(3)) {}

 private:
  float Payoff(const Action& action) const override { return static_cast<float>(action.discrete); }
};

TEST(BanditTest, AnEpisodeIsOneStepThatPaysForItsAction) {
  Arms arms;
  EXPECT_EQ(arms.spec().id, "Arms");
  EXPECT_EQ(arms.spec().action.n, 3);
  Random random({1});
  float sum = 0;
  for (int i = 0; i < 300; ++i) {
    float first = 2;
    float last = 2;
    arms.Reset(random, &first);
    const StepResult result = arms.Step({i % 3, nullptr}, &last);
    EXPECT_EQ(result.reward, i % 3);
    EXPECT_EQ(result.end, End::kTerminated);
    EXPECT_EQ(last, first);
    sum += first;
  }
  EXPECT_NEAR(sum, 0, 40);  // four standard deviations
}

}  // namespace
}  // namespace drover
