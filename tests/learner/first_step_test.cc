#include "learner/first_step.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(FirstStepTest, TheEarliestCounts) {
  FirstStep first;
  first.Open(1000);
  EXPECT_EQ(first.unix_micros(), 0U);
  first.Note(1500, 1600);
  EXPECT_EQ(first.unix_micros(), 1500U);
  first.Note(1400, 1700);
  first.Note(1650, 1800);
  EXPECT_EQ(first.unix_micros(), 1400U);
}

TEST(FirstStepTest, WhatCannotBeIsTheNearestThatCan) {
  for (const uint64_t told : {0, 1, 999}) {
    FirstStep first;
    first.Open(1000);
    first.Note(told, 1600);
    EXPECT_EQ(first.unix_micros(), 1000U) << told;
    first.Note(1500, 1700);
    EXPECT_EQ(first.unix_micros(), 1000U) << told;
  }
  FirstStep first;
  first.Open(1000);
  first.Note(UINT64_MAX, 1600);
  EXPECT_EQ(first.unix_micros(), 1600U);
}

TEST(FirstStepTest, AClockThatWasSetBackDoesNotGoBeforeTheOpening) {
  FirstStep first;
  first.Open(1000);
  first.Note(900, 950);
  EXPECT_EQ(first.unix_micros(), 1000U);
}

}  // namespace
}  // namespace drover
