#include "cli/config_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>

#include "common/file.h"

namespace drover {
namespace {

using ::testing::HasSubstr;

class ConfigOptionsTest : public ::testing::Test {
 protected:
  ConfigOptionsTest() {
    path_ = directory_.path() + "/tiny.textproto";
    std::ofstream(path_) << "environment: \"Catch-v0\"\nactors { count: 3 }\n";
  }

  // What the words on a command line make of the config; also after they went through another.
  absl::StatusOr<Experiment> Read(std::vector<std::string> words) {
    words.push_back(path_);
    ConfigOptions first = Parse(words);
    ConfigOptions second = Parse(first.Arguments());
    const auto a = first.Read();
    const auto b = second.Read();
    EXPECT_EQ(a.status(), b.status());
    if (!a.ok()) return a.status();
    if (b.ok()) EXPECT_EQ(a->first.SerializeAsString(), b->first.SerializeAsString());
    return a->first;
  }

  static ConfigOptions Parse(const std::vector<std::string>& words) {
    CLI::App app;
    ConfigOptions options;
    options.AddTo(&app);
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    return options;
  }

  TempDirectory directory_ = *TempDirectory::Make();
  std::string path_;
};

TEST_F(ConfigOptionsTest, ReadsTheFileAndNamesTheRunAfterIt) {
  const auto experiment = Read({});
  ASSERT_TRUE(experiment.ok()) << experiment.status();
  EXPECT_EQ(experiment->name(), "tiny");
  EXPECT_EQ(experiment->environment(), "Catch-v0");
  EXPECT_EQ(experiment->actors().count(), 3u);
  EXPECT_EQ(Read({"--set", "name=other"})->name(), "other");
}

TEST_F(ConfigOptionsTest, FlagsChangeFields) {
  const auto experiment = Read({"--set", "update.max_norm=0.5", "--set=model.layers=32,16",
                                "--actors", "7", "--seed=9", "--max_frames", "1000"});
  ASSERT_TRUE(experiment.ok()) << experiment.status();
  EXPECT_EQ(experiment->update().max_norm(), 0.5);
  EXPECT_EQ(experiment->model().layers_size(), 2);
  EXPECT_EQ(experiment->actors().count(), 7u);
  EXPECT_EQ(experiment->seed(), 9u);
  EXPECT_EQ(experiment->budget().max_frames(), 1000u);
}

TEST_F(ConfigOptionsTest, AnotherConfigWithTheSameFlags) {
  const ConfigOptions given = Parse({"--set", "actors.unroll=7", "--seed=9", "nothing"});
  const ConfigOptions other = given.Of(path_, {"actors.unroll=5", "actors.environments=6"});
  const auto read = Parse(other.Arguments()).Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->first.environment(), "Catch-v0");
  EXPECT_EQ(read->first.actors().environments(), 6u);
  EXPECT_EQ(read->first.actors().unroll(), 7u) << "the command line has the last word";
  EXPECT_EQ(read->first.seed(), 9u);
  EXPECT_EQ(ConfigOptions(path_, {"seed=4"}).Read()->first.seed(), 4u);
}

TEST_F(ConfigOptionsTest, ErrorsSayWhichFlag) {
  EXPECT_THAT(std::string(Read({"--actors", "many"}).status().message()),
              HasSubstr("--actors many"));
  EXPECT_THAT(std::string(Read({"--seed", "-1"}).status().message()), HasSubstr("--seed -1"));
  EXPECT_THAT(std::string(Read({"--set", "actors.cuont=1"}).status().message()),
              HasSubstr("did you mean \"count\"?"));
}

TEST_F(ConfigOptionsTest, AMissingFileIsNamed) {
  EXPECT_EQ(Parse({"/nowhere/x.textproto"}).Read().status().message(),
            "there is no config file /nowhere/x.textproto");
}

TEST_F(ConfigOptionsTest, KnowsTheShortNamesOfConfigs) {
  const auto read = Parse({"cartpole_impala"}).Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->first.environment(), "CartPole-v1");
  EXPECT_EQ(read->first.name(), "cartpole_impala");
  EXPECT_THAT(std::string(Parse({"cartpole_imapla"}).Read().status().message()),
              HasSubstr("did you mean \"cartpole_impala\"?"));
}

}  // namespace
}  // namespace drover
