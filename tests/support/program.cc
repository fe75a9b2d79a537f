#include "tests/support/program.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/check.h"

namespace drover {
namespace {

constexpr char kMarkVariable[] = "DROVER_TEST_MARK";

// A file of /proc, whose size is not known beforehand. "" where the process is gone.
std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// NUL-separated, as in /proc/<pid>/cmdline.
std::vector<std::string> Words(const std::string& text) {
  return absl::StrSplit(text, '\0', absl::SkipEmpty());
}

TempDirectory MakeTempDirectory() {
  absl::StatusOr<TempDirectory> made = TempDirectory::Make();
  DROVER_CHECK(made.ok()) << made.status();
  return *std::move(made);
}

}  // namespace

bool WaitFor(const std::function<bool()>& condition, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

std::string Runfile(const std::string& path) {
  // Before any test can change the directory.
  static const std::string* const root = [] {
    const char* dir = std::getenv("TEST_SRCDIR");
    const char* workspace = std::getenv("TEST_WORKSPACE");
    DROVER_CHECK(dir != nullptr && workspace != nullptr) << "run it with bazel test";
    return new std::string(absl::StrCat(dir, "/", workspace));
  }();
  return absl::StrCat(*root, "/", path);
}

Program::Program(const std::vector<std::string>& command) : output_(MakeTempDirectory()) {
  ProcessOptions options;
  // Keeps stdout and stderr apart; exec: the shell becomes the program.
  options.command = {"sh", "-c", "exec \"$@\" >\"$0/out\" 2>\"$0/err\"", output_.path()};
  options.command.insert(options.command.end(), command.begin(), command.end());
  absl::StatusOr<Process> process = Process::Start(options);
  DROVER_CHECK(process.ok()) << process.status();
  process_.emplace(*std::move(process));
}

ExitStatus Program::Wait(std::chrono::seconds limit) {
  std::optional<ExitStatus> exit = process_->WaitUntil(std::chrono::steady_clock::now() + limit);
  if (exit.has_value()) return *exit;
  ADD_FAILURE() << "still runs after " << limit.count() << " s\n" << Stdout() << Stderr();
  process_->Signal(SIGKILL);
  return process_->Wait();
}

std::string Program::Stdout() const { return ReadAll(absl::StrCat(output_.path(), "/out")); }
std::string Program::Stderr() const { return ReadAll(absl::StrCat(output_.path(), "/err")); }

Finished RunProgram(const std::vector<std::string>& command) {
  Program program(command);
  const ExitStatus exit = program.Wait();
  return {exit, program.Stdout(), program.Stderr()};
}

ProcessMark::ProcessMark() {
  static std::atomic<int> count{0};
  const std::string value = absl::StrCat(getpid(), "-", ++count);
  mark_ = absl::StrCat(kMarkVariable, "=", value);
  setenv(kMarkVariable, value.c_str(), 1);
}

std::vector<pid_t> ProcessMark::Pids(const std::string& word) const {
  std::vector<pid_t> pids;
  const absl::StatusOr<std::vector<std::string>> names = ListDirectory("/proc");
  DROVER_CHECK(names.ok()) << names.status();
  for (const std::string& name : *names) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(name, &pid) || pid == getpid()) continue;
    const std::vector<std::string> environment =
        Words(ReadAll(absl::StrCat("/proc/", pid, "/environ")));
    if (std::find(environment.begin(), environment.end(), mark_) == environment.end()) continue;
    const std::vector<std::string> arguments =
        Words(ReadAll(absl::StrCat("/proc/", pid, "/cmdline")));
    if (arguments.empty()) continue;  // a zombie
    if (word.empty() || std::find(arguments.begin(), arguments.end(), word) != arguments.end()) {
      pids.push_back(pid);
    }
  }
  return pids;
}

std::vector<std::string> ProcessMark::Running() const {
  std::vector<std::string> lines;
  for (const pid_t pid : Pids("")) {
    lines.push_back(absl::StrCat(
        pid, " ", absl::StrJoin(Words(ReadAll(absl::StrCat("/proc/", pid, "/cmdline"))), " ")));
  }
  return lines;
}

}  // namespace drover
