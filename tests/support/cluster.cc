#include "tests/support/cluster.h"

#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace drover {
namespace {

TempDirectory EnterTempDirectory() {
  Runfile("");  // finds its root before the directory changes
  TempDirectory directory = *TempDirectory::Make();
  EXPECT_EQ(chdir(directory.path().c_str()), 0);
  return directory;
}

}  // namespace

ClusterTest::ClusterTest() : directory_(EnterTempDirectory()) {}

ClusterTest::~ClusterTest() {
  EXPECT_TRUE(WaitFor([&] { return mark_.Running().empty(); }))
      << "left behind:\n"
      << absl::StrJoin(mark_.Running(), "\n");
  EXPECT_EQ(chdir("/"), 0);
  if (!HasFailure()) return;
  const auto logs = ListDirectory(Path("logs"));
  for (const std::string& log : logs.value_or(std::vector<std::string>())) {
    std::cerr << "---- " << log << "\n" << ReadFile(Path("logs/" + log)).value_or("");
  }
}

std::vector<std::string> ClusterTest::Drover(const std::vector<std::string>& words) {
  std::vector<std::string> command = {Runfile("cli/drover")};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

std::vector<std::string> ClusterTest::Budget(const std::string& frames, double step_seconds) {
  std::vector<std::string> words = {"--max_frames", frames};
  if (frames == kManyFrames) {
    words.emplace_back("--set");
    words.push_back(absl::StrCat("environment_options.step_seconds=", step_seconds));
  }
  return words;
}

std::vector<std::string> ClusterTest::Train(const std::string& frames,
                                            const std::vector<std::string>& more) const {
  std::vector<std::string> words = {"train",           Runfile("configs/catch_impala.textproto"),
                                    "--run_dir",       run_dir(),
                                    "--actors",        "2",
                                    "--set",
                                    "target.return=2",  // out of reach
                                    "--set",           "evaluation.episodes=10"};
  for (const std::string& word : Budget(frames)) words.push_back(word);
  words.insert(words.end(), more.begin(), more.end());
  return Drover(words);
}

bool ClusterTest::Exists(const std::string& name) const {
  return std::filesystem::exists(Path(name));
}

nlohmann::json ClusterTest::Status() const {
  const Finished status = RunProgram(Drover({"status", run_dir(), "--json"}));
  if (!status.exit.ok()) return nullptr;
  return nlohmann::json::parse(status.out);
}

void ClusterTest::WaitForFrames(uint64_t more_than) const {
  ASSERT_TRUE(WaitFor([&] {
    const nlohmann::json status = Status();
    return status.is_object() && status.value("frames", uint64_t{0}) > more_than;
  })) << ReadFile(Path("logs/learner-0.log")).value_or("no log of a learner");
}

std::vector<pid_t> ClusterTest::Members(const std::string& role) const {
  std::vector<pid_t> pids;
  const nlohmann::json status = Status();
  if (!status.is_object() || !status.contains("members")) return pids;
  for (const nlohmann::json& member : status["members"]) {
    if (member["role"] == role && member["alive"] == true) pids.push_back(member["pid"]);
  }
  return pids;
}

nlohmann::json ClusterTest::Summary() const {
  return nlohmann::json::parse(ReadFile(Path("summary.json")).value_or("null"));
}

std::vector<nlohmann::json> ClusterTest::Metrics() const {
  std::vector<nlohmann::json> lines;
  const std::string text = ReadFile(Path("metrics.jsonl")).value_or("");
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(text, '\n', absl::SkipEmpty()))) {
    lines.push_back(nlohmann::json::parse(line));
  }
  return lines;
}

}  // namespace drover
