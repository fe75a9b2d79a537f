#ifndef DROVER_TESTS_SUPPORT_PROGRAM_H_
#define DROVER_TESTS_SUPPORT_PROGRAM_H_

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/file.h"
#include "common/process.h"

// For tests that run the real executables.
namespace drover {

// As long as a test waits for anything.
constexpr std::chrono::seconds kTestLimit{60};

// Waits until `condition` holds; false: not within the limit.
bool WaitFor(const std::function<bool()>& condition, std::chrono::seconds limit = kTestLimit);

// An executable or file of this repository, by its path from the root, e.g. "cli/drover".
std::string Runfile(const std::string& path);

// A running program with its output. Killed when it ends.
class Program {
 public:
  explicit Program(const std::vector<std::string>& command);

  pid_t pid() const { return process_->pid(); }
  bool running() { return !process_->Poll().has_value(); }
  void Signal(int signal) { process_->Signal(signal); }

  // Fails the test and kills the program if it still runs at the limit.
  ExitStatus Wait(std::chrono::seconds limit = kTestLimit);

  // What it has written so far.
  std::string Stdout() const;
  std::string Stderr() const;

 private:
  TempDirectory output_;
  std::optional<Process> process_;
};

struct Finished {
  ExitStatus exit;
  std::string out;
  std::string err;
};

// Runs it to its end.
Finished RunProgram(const std::vector<std::string>& command);

// Marks this process's later children and theirs, so that what is left of them can be found.
class ProcessMark {
 public:
  ProcessMark();

  // Marked processes that run, a line each.
  std::vector<std::string> Running() const;
  // Their pids, of those with `word` among their arguments.
  std::vector<pid_t> Pids(const std::string& word) const;

 private:
  std::string mark_;
};

}  // namespace drover

#endif  // DROVER_TESTS_SUPPORT_PROGRAM_H_
