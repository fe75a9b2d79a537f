#include "cli/command_line.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

struct Result {
  int code;
  std::string error;
};

// A program with two commands; returns what the one that ran returned.
Result Parse(std::vector<std::string> words) {
  CLI::App app("test", "drover");
  int actors = 0;
  CLI::App* train = app.add_subcommand("train");
  train->add_option("config");
  train->add_option("--actors", actors);
  CLI::App* status = app.add_subcommand("status");
  const std::vector<Command> commands = {{train, [&] { return 100 + actors; }},
                                         {status, [] { return 200; }}};
  words.insert(words.begin(), "drover");
  std::vector<char*> pointers;
  pointers.reserve(words.size());
  for (std::string& word : words) pointers.push_back(word.data());
  testing::internal::CaptureStderr();
  const int code = RunCommand(&app, commands, static_cast<int>(words.size()), pointers.data());
  return {code, testing::internal::GetCapturedStderr()};
}

TEST(CommandLineTest, RunsTheCommandThatIsNamed) {
  EXPECT_EQ(Parse({"train", "x", "--actors", "7"}).code, 107);
  EXPECT_EQ(Parse({"train", "--actors=8", "x"}).code, 108);
  EXPECT_EQ(Parse({"status"}).code, 200);
}

TEST(CommandLineTest, BadInputIsCode2AndNamesTheNearMatch) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> table = {
      {{}, "drover: name a command: train, status\n"},
      {{"trian"},
       "drover: unknown command \"trian\"; did you mean \"train\"? known: train, status\n"},
      {{"train", "--actor", "7"},
       "drover: unknown flag \"--actor\"; did you mean \"--actors\"? known: --help, --actors\n"},
      {{"train", "--actor=7"},
       "drover: unknown flag \"--actor\"; did you mean \"--actors\"? known: --help, --actors\n"},
      {{"status", "now"},
       "drover: unexpected argument \"now\"; `drover status --help` says what it takes\n"},
      {{"train", "--actors"}, "drover: --actors: 1 required INT missing\n"},
  };
  for (const auto& [words, error] : table) {
    const Result result = Parse(words);
    EXPECT_EQ(result.code, kExitBadInput) << error;
    EXPECT_EQ(result.error, error);
  }
}

}  // namespace
}  // namespace drover
