#ifndef DROVER_COMMON_PROCESS_H_
#define DROVER_COMMON_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace drover {

// How a process ended.
struct ExitStatus {
  int code = 0;    // what it returned; meaningless after a signal
  int signal = 0;  // what killed it; 0: it ended by itself

  bool ok() const { return code == 0 && signal == 0; }
  std::string ToString() const;  // "exit code 2", "signal 9 (Killed)"
};

struct ProcessOptions {
  // argv: the program, a path or a name to look up in $PATH, then its arguments.
  std::vector<std::string> command;
  // Takes its stdout and stderr, appended; empty: they are this process's. Its directory exists.
  std::string log_path;
  // It outlives this process, in a session of its own: Ctrl-C and a closed terminal reach it not.
  bool detached = false;
};

// A child process. Unless it is detached it dies with its parent: the child inherits the end of a
// pipe that this process holds open, and ParentWatch (common/parent_watch.h) in the child notices
// when it closes.
//
// The child gets no other open file but that, stdin from /dev/null, the default action for all
// signals, and a process group of its own, so that Ctrl-C in a terminal reaches the parent alone,
// which decides who stops when.
//
// Not thread-safe: one owner.
class Process {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Executes the command (never a bare fork). Errors: no such program, no such log directory, …
  static absl::StatusOr<Process> Start(const ProcessOptions& options);

  // Kills it if it still runs, and waits for its end; one that is detached is left alone.
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  pid_t pid() const { return pid_; }

  // Nothing: it still runs.
  std::optional<ExitStatus> Poll();
  // Waits; nothing: it still ran at the deadline.
  std::optional<ExitStatus> WaitUntil(Time deadline);
  ExitStatus Wait();

  // SIGTERM, SIGKILL, …; nothing happens if it has ended.
  void Signal(int signal);

 private:
  Process(pid_t pid, UniqueFd pipe) : pid_(pid), pipe_(std::move(pipe)) {}

  bool detached() const { return !pipe_.valid(); }

  pid_t pid_;
  UniqueFd pipe_;  // closes when this process ends; none: it is detached
  std::optional<ExitStatus> exit_;
};

}  // namespace drover

#endif  // DROVER_COMMON_PROCESS_H_
