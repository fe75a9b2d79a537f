#include "cli/human.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace drover {
namespace {

TEST(HumanTest, Durations) {
  EXPECT_EQ(FormatDuration(0), "0:00");
  EXPECT_EQ(FormatDuration(7.9), "0:07");
  EXPECT_EQ(FormatDuration(754), "12:34");
  EXPECT_EQ(FormatDuration(3 * 3600 + 4 * 60 + 5), "3:04:05");
  EXPECT_EQ(FormatDuration(100 * 3600), "100:00:00");
  EXPECT_EQ(FormatDuration(-1), "–");
  EXPECT_EQ(FormatDuration(std::numeric_limits<double>::infinity()), "–");
  EXPECT_EQ(FormatDuration(std::nan("")), "–");
}

TEST(HumanTest, Counts) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1,000");
  EXPECT_EQ(FormatCount(123456), "123,456");
  EXPECT_EQ(FormatCount(18446744073709551615u), "18,446,744,073,709,551,615");
}

TEST(HumanTest, NumbersHaveThreeDigits) {
  EXPECT_EQ(FormatNumber(0), "0.00");
  EXPECT_EQ(FormatNumber(0.123), "0.12");
  EXPECT_EQ(FormatNumber(9.996), "10.0");
  EXPECT_EQ(FormatNumber(12.34), "12.3");
  EXPECT_EQ(FormatNumber(-21.04), "-21.0");
  EXPECT_EQ(FormatNumber(475.3), "475");
  EXPECT_EQ(FormatNumber(999.6), "1,000");
  EXPECT_EQ(FormatNumber(-12345.6), "-12,346");
  EXPECT_EQ(FormatNumber(std::nan("")), "–");
}

}  // namespace
}  // namespace drover
