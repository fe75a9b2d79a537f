#include "replay/episode_log.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(EpisodeLogTest, EachReaderGetsEachEpisodeOnce) {
  EpisodeLog log;
  log.Add(1, 10);
  uint64_t late = log.end();
  uint64_t early = 0;
  log.Add(2, 20);
  log.Add(3, 30);
  std::vector<Episode> episodes;
  EXPECT_EQ(log.Read(&late, 100, &episodes), 0U);
  ASSERT_EQ(episodes.size(), 2U);
  EXPECT_EQ(episodes[0].return_(), 2);
  EXPECT_EQ(episodes[1].length(), 30U);
  log.Read(&late, 100, &episodes);
  EXPECT_EQ(episodes.size(), 2U);
  log.Read(&early, 2, &episodes);
  EXPECT_EQ(episodes.size(), 4U);
  log.Read(&early, 2, &episodes);
  EXPECT_EQ(episodes.size(), 5U);
}

TEST(EpisodeLogTest, IsBounded) {
  EpisodeLog log;
  for (size_t i = 0; i < EpisodeLog::kMost + 5; ++i) log.Add(static_cast<double>(i), 1);
  uint64_t cursor = 2;
  std::vector<Episode> episodes;
  EXPECT_EQ(log.Read(&cursor, 1, &episodes), 3U);
  EXPECT_EQ(episodes.at(0).return_(), 5);
  cursor = log.end() + 7;  // of a log that is gone
  EXPECT_EQ(log.Read(&cursor, 1, &episodes), 0U);
  EXPECT_EQ(cursor, log.end());
}

}  // namespace
}  // namespace drover
