#include "bench/scaling.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

Throughput Measured(double acted) {
  Throughput measured;
  measured.acted_frames_per_second = acted;
  measured.frames_per_second = acted - 1;
  measured.cores = 2;
  measured.load = 0.5;
  measured.processes = {{"learner 0", 0.2, {}}, {"actor 0", 0.4, {}}, {"launcher", 0.1, {}}};
  return measured;
}

TEST(ScalingTest, CountsDoubleUpToTheMost) {
  EXPECT_EQ(ScalingCounts(1), (std::vector<int>{1}));
  EXPECT_EQ(ScalingCounts(8), (std::vector<int>{1, 2, 4, 8}));
  EXPECT_EQ(ScalingCounts(9), (std::vector<int>{1, 2, 4, 8, 9}));
}

TEST(ScalingTest, IdealIsAsManyTimesOneActor) {
  const ScalingPoint one = MakeScalingPoint(1, Measured(50), nullptr);
  EXPECT_EQ(one.ideal_per_second, 50);
  EXPECT_EQ(one.efficiency, 1);
  const ScalingPoint four = MakeScalingPoint(4, Measured(180), &one);
  EXPECT_EQ(four.actors, 4);
  EXPECT_EQ(four.acted_per_second, 180);
  EXPECT_EQ(four.trained_per_second, 179);
  EXPECT_EQ(four.ideal_per_second, 200);
  EXPECT_DOUBLE_EQ(four.efficiency, 0.9);
  EXPECT_DOUBLE_EQ(four.cpu_share, 0.35);
  EXPECT_DOUBLE_EQ(four.learner_cpu_share, 0.1);
  EXPECT_EQ(four.load, 0.5);
}

}  // namespace
}  // namespace drover
