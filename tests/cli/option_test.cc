#include "cli/option.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <optional>

namespace drover {
namespace {

class OptionTest : public ::testing::Test {
 protected:
  // What is wrong with the words; "" if nothing is.
  std::string Parse(const std::string& words) {
    try {
      app_.parse(words);
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
    return "";
  }

  CLI::App app_{"test", "drover"};
};

TEST_F(OptionTest, SetsItsVariableAndSaysWhetherItWasGiven) {
  std::string config;
  int actors = 4;
  std::optional<double> seconds;
  bool json = false;
  const Option place = AddOption(&app_, "config", config);
  const Option number = AddOption(&app_, "--actors", actors);
  const Option maybe = AddOption(&app_, "--seconds", seconds);
  AddFlag(&app_, "--json", json, "as JSON");
  EXPECT_EQ(Parse("x --actors=7 --json"), "");
  EXPECT_EQ(config, "x");
  EXPECT_EQ(actors, 7);
  EXPECT_EQ(seconds, std::nullopt);
  EXPECT_TRUE(json);
  EXPECT_TRUE(place.given());
  EXPECT_TRUE(number.given());
  EXPECT_FALSE(maybe.given());
  EXPECT_TRUE(FindOption(&app_, "config").given());
}

TEST_F(OptionTest, SaysWhatIsWrongWithAValue) {
  int actors = 1;
  double rate = 0.5;
  uint32_t episodes = 1;
  std::string what;
  std::string role;
  AddOption(&app_, "--actors", actors).Range(1, 4096);
  AddOption(&app_, "--rate", rate).Range(0.5, 2.0);
  AddOption(&app_, "--episodes", episodes).Positive();
  AddOption(&app_, "--what", what).OneOf({"insert", "sample"});
  AddOption(&app_, "--role", role).Check([](const std::string& text) {
    return text == "actor" ? "" : "no role " + text;
  });
  EXPECT_EQ(Parse("--actors 4096 --rate 0.5 --episodes 1 --what sample --role actor"), "");
  EXPECT_EQ(Parse("--actors 4097"), "--actors: Value 4097 not in range 1 to 4096");
  EXPECT_NE(Parse("--rate 2.1"), "");
  EXPECT_NE(Parse("--episodes 0"), "");
  EXPECT_EQ(Parse("--what update"), "--what: update not in {insert,sample}");
  EXPECT_EQ(Parse("--role x"), "--role: no role x");
  EXPECT_NE(Parse("--actors x"), "");
}

TEST_F(OptionTest, SaysWhichOthersItGoesWith) {
  std::string config;
  std::string run;
  std::string topology;
  Option first = AddOption(&app_, "--config", config).Required();
  AddOption(&app_, "--run", run).Needs(first);
  AddOption(&app_, "--topology", topology).Excludes(first);
  EXPECT_NE(Parse("--run x"), "");
  EXPECT_EQ(Parse("--config x --run y"), "");
  EXPECT_NE(Parse("--config x --topology y"), "");
  first.Required(false);
  EXPECT_EQ(Parse("--topology y"), "");
  EXPECT_NE(Parse("--run x"), "");
}

TEST_F(OptionTest, TakesListsADefaultAndTheEnvironment) {
  std::vector<std::string> changes;
  std::vector<int> clients;
  std::string rest;
  std::string certs;
  int days = 0;
  AddOption(&app_, "--set", changes).OneEach();
  AddOption(&app_, "--clients", clients).Delimiter(',');
  AddOption(&app_, "--days", days).Default(30);
  AddOption(&app_, "--certs", certs).EnvName("DROVER_OPTION_TEST");
  AddOption(&app_, "rest", rest);
  setenv("DROVER_OPTION_TEST", "/certs", 1);
  EXPECT_EQ(Parse("--clients 1,2,4 --set a=1 --set b=2 more"), "");
  unsetenv("DROVER_OPTION_TEST");
  EXPECT_EQ(changes, (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(clients, (std::vector<int>{1, 2, 4}));
  EXPECT_EQ(rest, "more");
  EXPECT_EQ(days, 30);
  EXPECT_EQ(certs, "/certs");
}

TEST_F(OptionTest, HelpNamesItsValue) {
  int actors = 1;
  AddOption(&app_, "--actors", actors, "how many").TypeName("N");
  const std::string help = app_.help();
  EXPECT_NE(help.find("--actors N"), std::string::npos) << help;
  EXPECT_NE(help.find("how many"), std::string::npos) << help;
}

}  // namespace
}  // namespace drover
