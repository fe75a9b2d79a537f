#include "cli/command_line.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace drover {
namespace {

struct Result {
  int code;
  std::string error;
};

// A program with two commands and a group of two more; returns what the one that ran returned.
Result Parse(std::vector<std::string> words) {
  CLI::App app("test", "drover");
  int actors = 0;
  CLI::App* train = app.add_subcommand("train");
  train->add_option("config");
  train->add_option("--actors", actors);
  CLI::App* status = app.add_subcommand("status");
  CLI::App* bench = app.add_subcommand("bench");
  int seconds = 0;
  CLI::App* weights = bench->add_subcommand("weights");
  weights->add_option("--seconds", seconds);
  const std::vector<Command> group = {{bench->add_subcommand("frames"), [] { return 300; }},
                                      {weights, [&] { return 400 + seconds; }}};
  const std::vector<Command> commands = {{train, [&] { return 100 + actors; }},
                                         {status, [] { return 200; }},
                                         {bench, [&] { return RunParsed(group); }}};
  words.insert(words.begin(), "drover");
  std::vector<char*> pointers;
  pointers.reserve(words.size());
  for (std::string& word : words) pointers.push_back(word.data());
  ::testing::internal::CaptureStderr();
  const int code = RunCommand(&app, commands, static_cast<int>(words.size()), pointers.data());
  return {code, ::testing::internal::GetCapturedStderr()};
}

TEST(CommandLineTest, RunsTheCommandThatIsNamed) {
  EXPECT_EQ(Parse({"train", "x", "--actors", "7"}).code, 107);
  EXPECT_EQ(Parse({"train", "--actors=8", "x"}).code, 108);
  EXPECT_EQ(Parse({"status"}).code, 200);
  EXPECT_EQ(Parse({"bench", "frames"}).code, 300);
  EXPECT_EQ(Parse({"bench", "weights", "--seconds", "5"}).code, 405);
}

TEST(CommandLineTest, BadInputIsCode2AndNamesTheNearMatch) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> table = {
      {{}, "drover: name a command: train, status, bench\n"},
      {{"trian"},
       "drover: unknown command \"trian\"; did you mean \"train\"? known: train, status, bench\n"},
      {{"train", "--actor", "7"},
       "drover: unknown flag \"--actor\"; did you mean \"--actors\"? known: --help, --actors\n"},
      {{"train", "--actor=7"},
       "drover: unknown flag \"--actor\"; did you mean \"--actors\"? known: --help, --actors\n"},
      {{"status", "now"},
       "drover: unexpected argument \"now\"; `drover status --help` says what it takes\n"},
      {{"bench"}, "drover: name a command: weights, frames\n"},
      {{"bench", "--seconds"}, "drover: A subcommand is required\n"},
      {{"bench", "wieghts"},
       "drover: unknown command \"wieghts\"; did you mean \"weights\"? known: weights, frames\n"},
      {{"bench", "weights", "--second=1"},
       "drover: unknown flag \"--second\"; did you mean \"--seconds\"? known: --help, --seconds\n"},
      {{"bench", "frames", "now"},
       "drover: unexpected argument \"now\"; `drover bench frames --help` says what it takes\n"},
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
