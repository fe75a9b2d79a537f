#include "common/rpc/refusals.h"

#include <string>

#include "gtest/gtest.h"

namespace drover {
namespace {

TEST(RefusalsTest, CountsByReason) {
  Refusals refusals;
  EXPECT_EQ(refusals.total(), 0U);
  EXPECT_TRUE(refusals.snapshot().by_reason.empty());
  for (int i = 0; i < 3; ++i) refusals.Add(Refusal::kNoToken, "\"actor\" calling /x");
  refusals.Add(Refusal::kWrongRole, "\"viewer\" calling /y");
  const Refusals::Snapshot snapshot = refusals.snapshot();
  EXPECT_EQ(snapshot.total, 4U);
  EXPECT_EQ(snapshot.by_reason,
            (std::map<std::string, uint64_t>{{"no_token", 3}, {"wrong_role", 1}}));
  EXPECT_EQ(snapshot.last, "\"viewer\" calling /y: a role that may not do this");
}

TEST(RefusalsTest, WhatAPeerSaysIsOneShortLine) {
  Refusals refusals;
  refusals.Add(Refusal::kBadCertificate, "a\nb\x1b[31m" + std::string(100000, 'x'));
  const std::string last = refusals.snapshot().last;
  EXPECT_LT(last.size(), 400U);
  EXPECT_EQ(last.substr(0, 4), "a?b?");
}

TEST(RefusalsTest, OneLineASecondForEachReason) {
  Refusals refusals;
  const Refusals::Clock::time_point start;
  const auto lines = [&](Refusal reason, std::chrono::milliseconds at) {
    ::testing::internal::CaptureStdout();
    refusals.Add(reason, "who", start + at);
    return ::testing::internal::GetCapturedStdout();
  };
  EXPECT_NE(lines(Refusal::kNoToken, std::chrono::milliseconds(0)).find("refused who: no token"),
            std::string::npos);
  EXPECT_EQ(lines(Refusal::kNoToken, std::chrono::milliseconds(500)), "");
  EXPECT_NE(lines(Refusal::kWrongToken, std::chrono::milliseconds(500)), "");
  EXPECT_EQ(lines(Refusal::kNoToken, std::chrono::milliseconds(999)), "");
  EXPECT_NE(lines(Refusal::kNoToken, std::chrono::milliseconds(1000)).find("and 2 more like it"),
            std::string::npos);
}

}  // namespace
}  // namespace drover
