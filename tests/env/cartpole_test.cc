#include "env/cartpole.h"

#include "gtest/gtest.h"
#include "tests/env/gymnasium.h"

namespace drover {
namespace {

class CartPoleTest : public ::testing::Test {
 protected:
  const nlohmann::json recorded_ = ReadRecorded("cartpole_gymnasium.json");
};

TEST_F(CartPoleTest, IsWhatGymnasiumSaysItIs) { ExpectSameSpec(CartPole().spec(), recorded_); }

TEST_F(CartPoleTest, RepeatsGymnasiumsEpisodes) {
  const auto state = [](const std::vector<double>& s) {
    return CartPole::State{s[0], s[1], s[2], s[3]};
  };
  ExpectRepeatsEpisodes<CartPole>(recorded_, state, /*terminated=*/9, /*truncated=*/1);
}

TEST_F(CartPoleTest, StartsWhereGymnasiumStarts) { ExpectSameStarts<CartPole>(recorded_, 0.004); }

}  // namespace
}  // namespace drover
