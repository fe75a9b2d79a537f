#include "bench/latency.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(LatencyTest, PercentilesAreValuesThatOccurred) {
  EXPECT_EQ(Percentile({3, 1, 2}, 0.5), 2);
  EXPECT_EQ(Percentile({4, 3, 2, 1}, 0.5), 2);
  EXPECT_EQ(Percentile({7}, 0.99), 7);
  std::vector<double> hundred;
  for (int i = 1; i <= 100; ++i) hundred.push_back(i);
  EXPECT_EQ(Percentile(hundred, 0.99), 99);
  EXPECT_EQ(Percentile(hundred, 1), 100);
}

TEST(LatencyTest, CountsFromThePublishToEachSubscriber) {
  const auto latencies =
      MeasureLatencies({{2, 10}, {3, 20}}, 2, "1 1 5\n1 2 11\n2 2 13\n1 3 21\n2 3 25\n");
  ASSERT_TRUE(latencies.ok()) << latencies.status();
  EXPECT_EQ(latencies->samples, 4U);  // version 1 was not measured
  EXPECT_EQ(latencies->median, 1);
  EXPECT_EQ(latencies->p99, 5);
  EXPECT_EQ(latencies->worst, 5);
  EXPECT_EQ(latencies->all_median, 3);  // of 3 and 5
}

TEST(LatencyTest, WhoSkippedAVersionHasItWithANewerOne) {
  const auto latencies = MeasureLatencies({{1, 10}, {2, 20}}, 1, "7 2 24\n");
  ASSERT_TRUE(latencies.ok()) << latencies.status();
  EXPECT_EQ(latencies->worst, 14);
  EXPECT_EQ(latencies->median, 4);
}

TEST(LatencyTest, SaysWhatIsMissingOrWrong) {
  EXPECT_FALSE(MeasureLatencies({{1, 10}}, 2, "1 1 11\n").ok());           // one was never heard of
  EXPECT_FALSE(MeasureLatencies({{1, 10}, {2, 20}}, 1, "1 1 11\n").ok());  // never had the last
  EXPECT_FALSE(MeasureLatencies({{1, 10}}, 1, "it failed\n").ok());
  EXPECT_FALSE(MeasureLatencies({}, 0, "").ok());
}

}  // namespace
}  // namespace drover
