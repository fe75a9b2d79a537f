#include "common/metrics.h"

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace drover {
namespace {

using Numbers = std::map<std::string, double>;

Metrics::Time At(int seconds) { return Metrics::Time(std::chrono::seconds(seconds)); }

TEST(MetricsTest, CountsWithRates) {
  Metrics metrics;
  metrics.Count("frames", 100);
  metrics.Count("updates");
  EXPECT_EQ(metrics.Snapshot(At(10)), (Numbers{{"frames", 100}, {"updates", 1}}));
  metrics.Count("frames", 60);
  EXPECT_EQ(
      metrics.Snapshot(At(12)),
      (Numbers{
          {"frames", 160}, {"frames_per_second", 30}, {"updates", 1}, {"updates_per_second", 0}}));
}

TEST(MetricsTest, NoRateOverNoTime) {
  Metrics metrics;
  metrics.Count("frames");
  metrics.Snapshot(At(10));
  EXPECT_EQ(metrics.Snapshot(At(10)), (Numbers{{"frames", 1}}));
}

TEST(MetricsTest, ValuesHold) {
  Metrics metrics;
  metrics.Set("rate", 0.5);
  metrics.Set("rate", 0.25);
  EXPECT_EQ(metrics.Snapshot(At(1)), (Numbers{{"rate", 0.25}}));
  EXPECT_EQ(metrics.Snapshot(At(2)), (Numbers{{"rate", 0.25}}));
}

TEST(MetricsTest, MeansAreOfTheTimeSinceTheLastSnapshot) {
  Metrics metrics;
  metrics.Observe("loss", 1);
  metrics.Observe("loss", 4);
  EXPECT_EQ(metrics.Snapshot(At(1)), (Numbers{{"loss", 2.5}}));
  EXPECT_EQ(metrics.Snapshot(At(2)), Numbers{});
  metrics.Observe("loss", 7);
  EXPECT_EQ(metrics.Snapshot(At(3)), (Numbers{{"loss", 7}}));
}

TEST(MetricsTest, ManyThreadsCount) {
  Metrics metrics;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) metrics.Count("x");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(metrics.Snapshot(At(1)), (Numbers{{"x", 4000}}));
}

}  // namespace
}  // namespace drover
