#include "env/pendulum.h"

#include "gtest/gtest.h"
#include "tests/env/gymnasium.h"

namespace drover {
namespace {

class PendulumTest : public ::testing::Test {
 protected:
  const nlohmann::json recorded_ = ReadRecorded("pendulum_gymnasium.json");
};

TEST_F(PendulumTest, IsWhatGymnasiumSaysItIs) { ExpectSameSpec(Pendulum().spec(), recorded_); }

TEST_F(PendulumTest, RepeatsGymnasiumsEpisodes) {
  const auto state = [](const std::vector<double>& s) { return Pendulum::State{s[0], s[1]}; };
  ExpectRepeatsEpisodes<Pendulum>(recorded_, state, /*terminated=*/0, /*truncated=*/5);
}

TEST_F(PendulumTest, StartsWhereGymnasiumStarts) { ExpectSameStarts<Pendulum>(recorded_, 0.05); }

}  // namespace
}  // namespace drover
