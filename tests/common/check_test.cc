#include "common/check.h"

#include <string>

#include "gtest/gtest.h"

namespace drover {
namespace {

std::string Expensive(int* calls) {
  ++*calls;
  return "expensive";
}

int Sign(int number) {
  if (number > 0) return 1;
  if (number < 0) return -1;
  DROVER_CHECK(false) << "zero has none";  // no return after it: it does not come back
}

TEST(CheckTest, NothingHappensWhileItHolds) {
  int calls = 0;
  DROVER_CHECK(1 + 1 == 2) << Expensive(&calls);
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(Sign(-3), -1);
}

TEST(CheckTest, WorksWithoutBraces) {
  bool otherwise = false;
  if (Sign(1) < 0)
    DROVER_CHECK(false);
  else
    otherwise = true;
  EXPECT_TRUE(otherwise);
}

TEST(CheckDeathTest, SaysWhereAndWhyAndAborts) {
  EXPECT_EXIT(Sign(0), ::testing::KilledBySignal(SIGABRT),
              "check_test.cc:[0-9]+: check failed: false zero has none");
}

}  // namespace
}  // namespace drover
