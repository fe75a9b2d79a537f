#include "common/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/file.h"
#include "common/parent_watch.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kPollInterval{10};

// What the child does between fork and exec; posix_spawn keeps to async-signal-safe calls.
class SpawnPlan {
 public:
  // `pipe` -1: detached.
  SpawnPlan(int pipe, int log) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (log >= 0) {
      posix_spawn_file_actions_adddup2(&files_, log, STDOUT_FILENO);
      posix_spawn_file_actions_adddup2(&files_, log, STDERR_FILENO);
    }
    if (pipe >= 0) posix_spawn_file_actions_adddup2(&files_, pipe, kParentPipeFd);
    posix_spawn_file_actions_addclosefrom_np(&files_, pipe >= 0 ? kParentPipeFd + 1 : 3);

    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    const int group = pipe >= 0 ? POSIX_SPAWN_SETPGROUP : POSIX_SPAWN_SETSID;
    posix_spawnattr_setflags(
        &attributes_, static_cast<int16_t>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // Returns errno; 0: it runs.
  int Run(std::vector<std::string> command, std::vector<std::string> environment, pid_t* pid) {
    return posix_spawnp(pid, command.front().c_str(), &files_, &attributes_,
                        Pointers(&command).data(), Pointers(&environment).data());
  }

 private:
  static std::vector<char*> Pointers(std::vector<std::string>* strings) {
    std::vector<char*> pointers;
    for (std::string& string : *strings) pointers.push_back(string.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

// This process's, and whether there is a pipe.
std::vector<std::string> ChildEnvironment(bool pipe) {
  const std::string mark = absl::StrCat(kParentPipeVariable, "=");
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, mark.c_str(), mark.size()) != 0) environment.emplace_back(*entry);
  }
  if (pipe) environment.push_back(absl::StrCat(mark, kParentPipeFd));
  return environment;
}

ExitStatus Decode(int status) {
  ExitStatus exit;
  if (WIFSIGNALED(status)) {
    exit.signal = WTERMSIG(status);
  } else {
    exit.code = WEXITSTATUS(status);
  }
  return exit;
}

}  // namespace

std::string ExitStatus::ToString() const {
  if (signal == 0) return absl::StrCat("exit code ", code);
  const char* const name = sigdescr_np(signal);
  return absl::StrCat("signal ", signal, " (", name != nullptr ? name : "unknown", ")");
}

absl::StatusOr<Process> Process::Start(const ProcessOptions& options) {
  DROVER_CHECK(!options.command.empty());
  std::array<int, 2> ends{-1, -1};
  if (!options.detached && pipe2(ends.data(), O_CLOEXEC) != 0) {
    return FileError(errno, "make", "a pipe");
  }
  const UniqueFd child_end(ends[0]);
  UniqueFd parent_end(ends[1]);
  UniqueFd log;
  if (!options.log_path.empty()) {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    log = UniqueFd(open(options.log_path.c_str(), kFlags, 0666));
    if (!log.valid()) return FileError(errno, "open", options.log_path);
  }
  pid_t pid = 0;
  const int error = SpawnPlan(child_end.get(), log.get())
                        .Run(options.command, ChildEnvironment(!options.detached), &pid);
  if (error != 0) return FileError(error, "start", options.command.front());
  return Process(pid, std::move(parent_end));
}

Process::~Process() {
  if (pid_ == 0 || detached()) return;
  Signal(SIGKILL);
  Wait();
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), pipe_(std::move(other.pipe_)), exit_(other.exit_) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pipe_, other.pipe_);
  std::swap(exit_, other.exit_);
  return *this;
}

std::optional<ExitStatus> Process::Poll() {
  if (exit_.has_value()) return exit_;
  DROVER_CHECK(pid_ > 0) << "moved away";
  int status = 0;
  const pid_t ended = waitpid(pid_, &status, WNOHANG);
  DROVER_CHECK(ended >= 0 || errno == EINTR) << "child " << pid_ << " was reaped by someone else";
  if (ended == pid_) exit_ = Decode(status);
  return exit_;
}

// By polling: pidfd_open is not allowed in every container.
std::optional<ExitStatus> Process::WaitUntil(Time deadline) {
  while (!Poll().has_value()) {
    const Time now = std::chrono::steady_clock::now();
    if (now >= deadline) return std::nullopt;
    std::this_thread::sleep_until(std::min(deadline, now + kPollInterval));
  }
  return exit_;
}

ExitStatus Process::Wait() { return *WaitUntil(Time::max()); }

// An ended child keeps its pid until Poll() reaps it, so that the signal reaches no stranger.
void Process::Signal(int signal) {
  DROVER_CHECK(pid_ > 0) << "moved away";
  if (!exit_.has_value()) kill(pid_, signal);
}

}  // namespace drover
