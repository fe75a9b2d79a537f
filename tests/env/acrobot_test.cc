#include "env/acrobot.h"

#include "gtest/gtest.h"
#include "tests/env/gymnasium.h"

namespace drover {
namespace {

class AcrobotTest : public ::testing::Test {
 protected:
  const nlohmann::json recorded_ = ReadRecorded("acrobot_gymnasium.json");
};

TEST_F(AcrobotTest, IsWhatGymnasiumSaysItIs) { ExpectSameSpec(Acrobot().spec(), recorded_); }

TEST_F(AcrobotTest, RepeatsGymnasiumsEpisodes) {
  const auto state = [](const std::vector<double>& s) {
    return Acrobot::State{s[0], s[1], s[2], s[3]};
  };
  ExpectRepeatsEpisodes<Acrobot>(recorded_, state, /*terminated=*/4, /*truncated=*/2);
}

TEST_F(AcrobotTest, StartsWhereGymnasiumStarts) { ExpectSameStarts<Acrobot>(recorded_, 0.01); }

}  // namespace
}  // namespace drover
