#include "replay/table_options.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

absl::StatusOr<TableOptions> Parse(const std::string& text) {
  ReplayTable config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return TableOptions::Of(config);
}

TEST(TableOptionsTest, DefaultsAreThoseOfTheProto) {
  const auto options = Parse("name: 'a'");
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->sampler, SelectorConfig::uniform);
  EXPECT_EQ(options->remover, SelectorConfig::fifo);
  EXPECT_EQ(options->priority_exponent, 0.6);
  EXPECT_EQ(options->capacity, 1'000'000U);
  EXPECT_EQ(options->max_times_sampled, 0U);
  EXPECT_EQ(options->steps, 1U);
  EXPECT_EQ(options->rate_limit.min_size, 1U);
}

TEST(TableOptionsTest, TakesWhatIsSet) {
  const auto options = Parse(
      "name: 'a' sampler: prioritized remover: lifo priority_exponent: 0.5 capacity: 7 "
      "max_times_sampled: 3 steps: 5 rate_limit { min_size: 2 max_diff: 9 }");
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->sampler, SelectorConfig::prioritized);
  EXPECT_EQ(options->remover, SelectorConfig::lifo);
  EXPECT_EQ(options->priority_exponent, 0.5);
  EXPECT_EQ(options->capacity, 7U);
  EXPECT_EQ(options->max_times_sampled, 3U);
  EXPECT_EQ(options->steps, 5U);
  EXPECT_EQ(options->rate_limit.max_diff, 9);
}

TEST(TableOptionsTest, RefusesWhatCannotBe) {
  const std::pair<const char*, const char*> cases[] = {
      {"capacity: 5", "name is empty"},
      {"name: 'a' capacity: 0", "capacity is 0; allowed is 1 to 16777216"},
      {"name: 'a' capacity: 16777217", "capacity is 16777217"},
      {"name: 'a' steps: 0", "steps is 0"},
      {"name: 'a' priority_exponent: -1", "priority_exponent is -1"},
      {"name: 'a' priority_exponent: nan", "priority_exponent is nan"},
      {"name: 'a' capacity: 5 rate_limit { min_size: 6 }", "min_size is 6, its capacity 5"},
      {"name: 'a' rate_limit { samples_per_insert: 0 }", "samples_per_insert is 0"},
      {"name: 'a' rate_limit { error_buffer: 0 }", "min_diff is 1, max_diff 1"},
  };
  for (const auto& [text, why] : cases) {
    const auto options = Parse(text);
    EXPECT_TRUE(absl::IsInvalidArgument(options.status())) << text;
    EXPECT_THAT(std::string(options.status().message()), ::testing::HasSubstr(why));
  }
}

}  // namespace
}  // namespace drover
