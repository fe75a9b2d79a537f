#include "common/prometheus.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace drover {
namespace {

TEST(PrometheusTest, FamiliesAreWhole) {
  PrometheusText text;
  text.Counter("b_total", "Bees.", {{"role", "actor"}, {"index", "0"}}, 12345678901);
  text.Gauge("a", "Now.", {}, 0.25);
  text.Counter("b_total", "Bees.", {{"role", "actor"}, {"index", "1"}}, 2);
  EXPECT_EQ(text.text(),
            "# HELP a Now.\n# TYPE a gauge\na 0.25\n"
            "# HELP b_total Bees.\n# TYPE b_total counter\n"
            "b_total{role=\"actor\",index=\"0\"} 12345678901\n"
            "b_total{role=\"actor\",index=\"1\"} 2\n");
}

TEST(PrometheusTest, BucketsAreCumulative) {
  PrometheusText text;
  text.Histogram("wait_seconds", "Waits.", {{"i", "0"}}, {0.005, 1}, {3, 0, 2}, 7.5);
  EXPECT_EQ(text.text(),
            "# HELP wait_seconds Waits.\n# TYPE wait_seconds histogram\n"
            "wait_seconds_bucket{i=\"0\",le=\"0.005\"} 3\n"
            "wait_seconds_bucket{i=\"0\",le=\"1\"} 3\n"
            "wait_seconds_bucket{i=\"0\",le=\"+Inf\"} 5\n"
            "wait_seconds_sum{i=\"0\"} 7.5\n"
            "wait_seconds_count{i=\"0\"} 5\n");
}

TEST(PrometheusTest, WhatIsNoHistogramIsLeftOut) {
  PrometheusText text;
  text.Histogram("x", "X.", {}, {1, 2}, {1, 2}, 3);
  EXPECT_EQ(text.text(), "");
}

TEST(PrometheusTest, WhatAPeerSaysIsEscapedAndOddNumbersHaveNames) {
  PrometheusText text;
  text.Gauge("x", "X.", {{"host", "a\"b\\c\nd"}}, std::nan(""));
  text.Gauge("x", "X.", {}, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(text.text(), "# HELP x X.\n# TYPE x gauge\nx{host=\"a\\\"b\\\\c\\nd\"} NaN\nx -Inf\n");
}

}  // namespace
}  // namespace drover
