#include "agent/coefficient/schedule.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

Coefficient Line(double value, double final_value, uint64_t frames) {
  Coefficient coefficient;
  coefficient.set_value(value);
  coefficient.set_final(final_value);
  coefficient.set_frames(frames);
  return coefficient;
}

TEST(ScheduleTest, GoesOnALineThenStays) {
  const Coefficient coefficient = Line(4, 1, 100);
  EXPECT_EQ(ValueAt(coefficient, 0), 4);
  EXPECT_EQ(ValueAt(coefficient, 50), 2.5);
  EXPECT_NEAR(ValueAt(coefficient, 99), 1.03, 1e-12);
  EXPECT_EQ(ValueAt(coefficient, 100), 1);
  EXPECT_EQ(ValueAt(coefficient, 1000), 1);
  EXPECT_EQ(ValueAt(coefficient, ~uint64_t{0}), 1);
}

TEST(ScheduleTest, MayRise) { EXPECT_EQ(ValueAt(Line(0, 2, 10), 5), 1); }

TEST(ScheduleTest, WithoutAnEndOrADifferenceItIsConstant) {
  Coefficient coefficient;
  coefficient.set_value(0.1);
  EXPECT_EQ(ValueAt(coefficient, 7), 0.1);
  EXPECT_EQ(ValueAt(Line(0.1, 0.1, 3), 2), 0.1);
}

TEST(ScheduleTest, OverNoFramesItIsAtItsEndWithTheFirst) {
  EXPECT_EQ(ValueAt(Line(1, 0, 0), 0), 1);
  EXPECT_EQ(ValueAt(Line(1, 0, 0), 1), 0);
}

}  // namespace
}  // namespace drover
