#include "learner/episode_statistics.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(EpisodeStatistics, NothingYet) {
  const EpisodeStatistics statistics(3);
  EXPECT_EQ(statistics.Last(3).episodes, 0U);
  EXPECT_EQ(statistics.Last(3).mean_return, 0);
}

TEST(EpisodeStatistics, MeansOverTheNewestInOrderOfArrival) {
  EpisodeStatistics statistics(3);
  statistics.Add(1, 10);
  statistics.Add(2, 20);
  EXPECT_DOUBLE_EQ(statistics.Last(3).mean_return, 1.5);
  EXPECT_DOUBLE_EQ(statistics.Last(1).mean_return, 2);
  statistics.Add(6, 30);
  statistics.Add(7, 40);
  const auto summary = statistics.Last(3);
  EXPECT_EQ(summary.episodes, 4U);
  EXPECT_DOUBLE_EQ(summary.mean_return, 5);
  EXPECT_DOUBLE_EQ(summary.mean_length, 30);
  EXPECT_DOUBLE_EQ(statistics.Last(2).mean_return, 6.5);
}

TEST(EpisodeStatistics, GoesOnFromACheckpoint) {
  EpisodeStatistics before(3);
  for (int i = 1; i <= 5; ++i) before.Add(i, 1);
  EpisodeStatistics after(3);
  after.Restore(before.Last(3).episodes, before.Remembered());
  before.Add(9, 2);
  after.Add(9, 2);
  EXPECT_EQ(after.Last(3).episodes, 6U);
  EXPECT_DOUBLE_EQ(after.Last(3).mean_return, before.Last(3).mean_return);
  EXPECT_DOUBLE_EQ(after.Last(3).mean_return, 6);

  EpisodeStatistics smaller(2);
  smaller.Restore(5, before.Remembered());
  EXPECT_DOUBLE_EQ(smaller.Last(2).mean_return, 7);
}

}  // namespace
}  // namespace drover
