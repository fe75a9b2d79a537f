#include "env/mountain_car_continuous.h"

#include "gtest/gtest.h"
#include "tests/env/gymnasium.h"

namespace drover {
namespace {

class MountainCarContinuousTest : public ::testing::Test {
 protected:
  const nlohmann::json recorded_ = ReadRecorded("mountain_car_continuous_gymnasium.json");
};

TEST_F(MountainCarContinuousTest, IsWhatGymnasiumSaysItIs) {
  ExpectSameSpec(MountainCarContinuous().spec(), recorded_);
}

TEST_F(MountainCarContinuousTest, RepeatsGymnasiumsEpisodes) {
  const auto state = [](const std::vector<double>& s) {
    return MountainCarContinuous::State{static_cast<float>(s[0]), static_cast<float>(s[1])};
  };
  ExpectRepeatsEpisodes<MountainCarContinuous>(recorded_, state, /*terminated=*/3, /*truncated=*/2);
}

TEST_F(MountainCarContinuousTest, StartsWhereGymnasiumStarts) {
  ExpectSameStarts<MountainCarContinuous>(recorded_, 0.01);
}

}  // namespace
}  // namespace drover
