// Bad input: exit code 2, what is wrong and what is allowed, and nothing is started.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/cluster.h"

namespace drover {
namespace {

using ::testing::HasSubstr;

class BadInputTest : public ClusterTest {
 protected:
  // What `drover train` says to these words. Checks that nothing else came of it.
  std::string ErrorOf(const std::vector<std::string>& words) {
    std::vector<std::string> all = {"train", "--run_dir", run_dir()};
    all.insert(all.end(), words.begin(), words.end());
    const Finished train = RunProgram(Drover(all));
    EXPECT_EQ(train.exit.code, 2) << train.out << train.err;
    EXPECT_EQ(train.exit.signal, 0);
    EXPECT_EQ(train.out, "");
    EXPECT_FALSE(Exists(""));
    EXPECT_EQ(mark_.Running(), std::vector<std::string>());
    return train.err;
  }

  // A config file in the working directory.
  static std::string Config(const std::string& text) {
    std::ofstream("bad.textproto") << "environment: \"Catch-v0\"\nalgorithm: \"impala\"\n" << text;
    return "bad.textproto";
  }
};

TEST_F(BadInputTest, ConfigsSayWhereWhatAndWhatIsAllowed) {
  struct Case {
    std::string text;
    std::vector<std::string> says;
  };
  const std::vector<Case> cases = {
      {"topolgy: impala", {"bad.textproto:3:1", "topolgy", "did you mean \"topology\""}},
      {"actors { cuont: 3 }", {"bad.textproto:3:10", "cuont", "did you mean \"count\""}},
      {"actors { count: \"many\" }", {"bad.textproto:3:", "actors.count", "integer"}},
      {"actors { count: -1 }", {"bad.textproto:3:", "actors.count", "0 … 4294967295"}},
      {"actors { count: 0 }", {"bad.textproto:3:10", "actors.count", "1", "4096"}},
      {"returns { gamma: 1.5 }", {"bad.textproto:3:11", "returns.gamma", "1.5", "0", "1"}},
      {"environment: \"CartPole-v2\"", {"bad.textproto:3:", "environment"}},
      {"seed: 1\nseed: 2", {"bad.textproto:4:", "seed"}},
      {"seed: 1 {", {"bad.textproto:3:9"}},
      {"topology: d4pg", {"bad.textproto:3:1", "impala", "d4pg", "allowed"}},
      {"model { activation: tan }", {"bad.textproto:3:", "tan", "did you mean \"tanh\""}},
      {"loss { clip { value: 0.2 } }", {"bad.textproto:3:", "loss.clip", "impala"}},
  };
  for (const Case& c : cases) {
    const std::string error = ErrorOf({Config(c.text)});
    for (const std::string& part : c.says) EXPECT_THAT(error, HasSubstr(part)) << c.text;
  }
}

TEST_F(BadInputTest, SoDoFlags) {
  struct Case {
    std::vector<std::string> words;
    std::vector<std::string> says;
  };
  const std::string good = Config("");
  const std::vector<Case> cases = {
      {{good, "--set", "environment=CartPole-v2"},
       {"--set environment=CartPole-v2", "did you mean \"CartPole-v1\""}},
      {{good, "--set", "algorithm=impla"}, {"did you mean \"impala\""}},
      {{good, "--set", "actors.cuont=3"}, {"actors.cuont=3", "did you mean \"count\""}},
      {{good, "--set", "actors"}, {"actors", "path=value"}},
      {{good, "--set", "algorithm=td3"}, {"algorithm", "td3", "Catch-v0", "3 discrete", "impala"}},
      {{good, "--set", "topology=d4pg"}, {"d4pg", "allowed"}},
      {{good, "--actors", "0"}, {"--actors 0", "4096"}},
      {{good, "--actors", "many"}, {"--actors many", "integer"}},
      {{good, "--seed", "-1"}, {"--seed -1", "integer"}},
      {{good, "--max_frames", "0"}, {"--max_frames 0"}},
      {{good, "--max_frame", "7"}, {"unknown flag \"--max_frame\"", "\"--max_frames\""}},
      {{good, "another"}, {"unexpected argument \"another\""}},
      {{}, {"config is required"}},
      {{"missing.textproto"}, {"missing.textproto"}},
      {{"cartpole_imapla"}, {"unknown config"}},
      {{good, "--resume"}, {"no run in", "to resume"}},
  };
  for (const Case& c : cases) {
    const std::string error = ErrorOf(c.words);
    for (const std::string& part : c.says) EXPECT_THAT(error, HasSubstr(part));
  }
}

TEST_F(BadInputTest, OtherCommandsToo) {
  struct Case {
    std::vector<std::string> words;
    std::string says;
  };
  const std::vector<Case> cases = {
      {{}, "name a command"},
      {{"trian"}, "did you mean \"train\""},
      {{"list", "algoritms"}, "did you mean \"algorithms\""},
      {{"status", "--jsn"}, "did you mean \"--json\""},
      {{"status"}, "no run in runs"},
      {{"eval", "nowhere"}, "nowhere"},
      {{"eval", "nowhere", "--episode", "3"}, "did you mean \"--episodes\""},
      {{"eval", "nowhere", "--episodes", "0"}, "--episodes"},
      {{"actor"}, "--coordinator is required"},
      {{"learner", "--coordinator", "nonsense", "--listen", "unix:/tmp/x"}, "nonsense"},
      {{"coordinator", "--run_dir", ".", "--listen", "unix:/tmp/x"}, "config.textproto"},
      {{"actor", "--coordinator", "unix:/tmp/x", "--log_level", "verbose"}, "known: debug"},
  };
  for (const Case& c : cases) {
    const Finished result = RunProgram(Drover(c.words));
    EXPECT_EQ(result.exit.code, 2) << c.says << result.out << result.err;
    EXPECT_THAT(result.err, HasSubstr(c.says));
  }
}

}  // namespace
}  // namespace drover
