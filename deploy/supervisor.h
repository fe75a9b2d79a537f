#ifndef DROVER_DEPLOY_SUPERVISOR_H_
#define DROVER_DEPLOY_SUPERVISOR_H_

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/process.h"
#include "deploy/restart_policy.h"

namespace drover {

// A process that a Supervisor looks after.
struct ChildSpec {
  std::string role;
  int index = 0;
  std::vector<std::string> command;
  std::vector<std::string> restart_arguments;  // added where it is not the first start
  std::string log_path;
};

// Starts processes, and again those that die: see RestartPolicy. Those that still run when it ends
// are killed. One thread.
class Supervisor {
 public:
  using Time = RestartPolicy::Time;

  // Whether a process that ended so is to be started again, asked when that is due.
  using WantRestart = std::function<bool(const ChildSpec&, const ExitStatus&)>;

  explicit Supervisor(WantRestart want_restart) : want_restart_(std::move(want_restart)) {}

  absl::Status Start(const ChildSpec& spec);

  // Tells a process to end, with SIGTERM, and forgets it once it has; one that still runs after
  // kEndLimit is killed.
  void End(const std::string& role, int index, Time now);
  static constexpr std::chrono::seconds kEndLimit{10};

  // Call often: notices who ended, and starts again who is due. An error: a process could not be
  // started, or died so often that the supervisor gave up; it says which and quotes its log.
  absl::Status Poll(Time now);

  // Processes that run now.
  int running() const;
  // All that were started and are not forgotten, and whether they were told to end.
  std::vector<std::pair<const ChildSpec*, bool>> children() const;
  // How a process ended for good; nothing: it runs, is about to be started again, or never was.
  std::optional<ExitStatus> ended(const std::string& role, int index) const;

  // Sends the signal to each that runs.
  void Signal(int signal);

  // No process is started any more.
  void Retire() { retired_ = true; }

 private:
  struct Child {
    ChildSpec spec;
    std::optional<Process> process;
    std::optional<ExitStatus> ended;
    std::optional<Time> restart_at;
    std::optional<Time> kill_at;  // it was told to end
    RestartPolicy policy;
  };

  void PollEnding(Child* child, Time now);
  absl::Status Launch(Child* child, bool again);
  absl::Status PollChild(Child* child, Time now);

  const WantRestart want_restart_;
  std::vector<Child> children_;
  bool retired_ = false;
};

// The last `lines` lines of a file, each indented by two spaces; "" if it cannot be read.
std::string LogTail(const std::string& path, int lines);

}  // namespace drover

#endif  // DROVER_DEPLOY_SUPERVISOR_H_
