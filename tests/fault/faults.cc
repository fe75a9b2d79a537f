#include "tests/fault/faults.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "absl/strings/numbers.h"
#include "common/clock.h"

namespace drover {
namespace {

uint64_t Seed() {
  const char* given = std::getenv("DROVER_FAULT_SEED");
  uint64_t seed = UnixMicros();
  if (given != nullptr && !absl::SimpleAtoi(given, &seed)) {
    ADD_FAILURE() << "DROVER_FAULT_SEED is no number: " << given;
  }
  std::cout << "DROVER_FAULT_SEED=" << seed << std::endl;
  return seed;
}

}  // namespace

FaultTest::FaultTest() : random_({Seed()}) {}

std::vector<std::string> FaultTest::TrainFast(const std::string& frames,
                                              const std::vector<std::string>& more) const {
  std::vector<std::string> words = {"--set", "environment_options.step_seconds=0"};
  words.insert(words.end(), more.begin(), more.end());
  return Train(frames, words);
}

void FaultTest::Pause(std::chrono::milliseconds most) {
  std::this_thread::sleep_for(std::chrono::milliseconds(random_.Below(most.count() + 1)));
}

pid_t FaultTest::Kill(const std::string& role) {
  std::vector<pid_t> pids;
  EXPECT_TRUE(WaitFor([&] {
    pids = mark_.Pids(role);
    return !pids.empty();
  })) << "no "
      << role;
  if (pids.empty()) return 0;
  const pid_t pid = pids[random_.Below(pids.size())];
  std::cout << "kill -9 " << role << " " << pid << std::endl;
  kill(pid, SIGKILL);
  // /proc still shows it for a moment.
  EXPECT_TRUE(WaitFor([&] {
    const std::vector<pid_t> left = mark_.Pids(role);
    return std::count(left.begin(), left.end(), pid) == 0;
  }));
  return pid;
}

nlohmann::json FaultTest::Member(const std::string& role, int index) const {
  const nlohmann::json status = Status();
  if (!status.is_object() || !status.contains("members")) return nullptr;
  for (const nlohmann::json& member : status["members"]) {
    if (member["role"] == role && member["index"] == index) return member;
  }
  return nullptr;
}

nlohmann::json FaultTest::AwaitMember(
    const std::string& role, int index,
    const std::function<bool(const nlohmann::json&)>& holds) const {
  nlohmann::json member;
  EXPECT_TRUE(WaitFor([&] {
    member = Member(role, index);
    return member.is_object() && holds(member);
  })) << member;
  return member;
}

double FaultTest::WaitsOn(const nlohmann::json& member, const std::string& on) {
  for (const nlohmann::json& wait : member["waits"]) {
    if (wait["on"] == on) return wait["seconds"];
  }
  return 0;
}

nlohmann::json FaultTest::NewestCheckpoint() const {
  uint64_t newest = 0;
  const auto names = ListDirectory(Path("checkpoints"));
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    uint64_t version = 0;
    if (absl::SimpleAtoi(name, &version)) newest = std::max(newest, version);  // others are drafts
  }
  const std::string path = Path("checkpoints/" + std::to_string(newest) + "/state.json");
  return nlohmann::json::parse(ReadFile(path).value_or("null"), nullptr, false);
}

void FaultTest::CheckCounts() const {
  nlohmann::json state = NewestCheckpoint();
  ASSERT_TRUE(state.is_object());
  uint64_t messages = 0;
  for (const auto& [member, sequence] : state["last_sequence"].items()) {
    messages += sequence.get<uint64_t>();
  }
  messages -= state["missing"].get<uint64_t>();
  state.erase("newest_episodes");
  EXPECT_EQ(state["frames"], messages * kMessageFrames) << state;
  EXPECT_EQ(state["frames"], state["episodes"].get<uint64_t>() * 9) << state;

  uint64_t version = 0;
  for (const nlohmann::json& line : Metrics()) {
    if (!line.contains("version")) continue;
    EXPECT_GE(line["version"], version);
    version = line["version"];
  }
  // Who is killed may have reported versions that are in no checkpoint.
  if (Exists("summary.json")) EXPECT_GE(state["version"], version);
}

}  // namespace drover
