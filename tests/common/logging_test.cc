#include "common/logging.h"

#include <spdlog/spdlog.h>

#include <string>

#include "gtest/gtest.h"

namespace drover {
namespace {

// What a process of the role writes to stderr.
std::string Logged(const char* level) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(InitLogging("actor-3", level), absl::OkStatus());
  spdlog::debug("a detail");
  spdlog::info("version {} published", 12);
  spdlog::error("it broke");
  return ::testing::internal::GetCapturedStderr();
}

TEST(LoggingTest, LinesHaveTimeLevelAndRole) {
  const std::string log = Logged("info");
  EXPECT_TRUE(::testing::internal::RE::FullMatch(
      log,
      "....-..-..T..:..:..\\.[0-9]*Z I actor-3: version 12 published\n"
      "....-..-..T..:..:..\\.[0-9]*Z E actor-3: it broke\n"))
      << log;
}

TEST(LoggingTest, LevelsFilter) {
  EXPECT_NE(Logged("debug").find("a detail"), std::string::npos);
  EXPECT_EQ(Logged("error").find("published"), std::string::npos);
  EXPECT_EQ(Logged("off"), "");
}

TEST(LoggingTest, TimeIsUtc) {
  ASSERT_EQ(setenv("TZ", "XXX-5", 1), 0);
  tzset();
  const std::time_t now = std::time(nullptr);
  const std::string log = Logged("info");
  char hour[8];
  std::strftime(hour, sizeof(hour), "T%H:", std::gmtime(&now));
  std::time_t later = std::time(nullptr);
  char later_hour[8];
  std::strftime(later_hour, sizeof(later_hour), "T%H:", std::gmtime(&later));
  EXPECT_TRUE(log.find(hour) != std::string::npos || log.find(later_hour) != std::string::npos)
      << log;
}

TEST(LoggingTest, RefusesUnknownLevels) {
  EXPECT_EQ(InitLogging("x", "warnign"),
            absl::InvalidArgumentError("unknown log level \"warnign\"; did you mean \"warning\"? "
                                       "known: debug, info, warning, error, off"));
}

TEST(LoggingTest, TakesEachLevelItNames) {
  for (const std::string& level : LogLevels()) {
    EXPECT_EQ(InitLogging("x", level), absl::OkStatus()) << level;
    EXPECT_EQ(spdlog::level::to_string_view(spdlog::get_level()), level);
  }
}

}  // namespace
}  // namespace drover
