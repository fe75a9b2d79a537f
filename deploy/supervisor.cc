#include "deploy/supervisor.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr int kQuotedLines = 15;
constexpr std::streamoff kQuotedBytes = 16 << 10;

std::string Name(const ChildSpec& spec) { return absl::StrCat(spec.role, " ", spec.index); }

}  // namespace

std::string LogTail(const std::string& path, int lines) {
  std::ifstream file(path, std::ios::ate | std::ios::binary);
  const std::streamoff size = file.tellg();
  if (!file || size < 0) return "";
  file.seekg(std::max<std::streamoff>(0, size - kQuotedBytes));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<std::string> all = absl::StrSplit(text, '\n', absl::SkipEmpty());
  const int first = std::max(0, static_cast<int>(all.size()) - lines);
  std::string tail;
  for (size_t i = first; i < all.size(); ++i) absl::StrAppend(&tail, "  ", all[i], "\n");
  return tail;
}

absl::Status Supervisor::Start(const ChildSpec& spec) {
  Child& child = children_.emplace_back();
  child.spec = spec;
  return Launch(&child, /*again=*/false);
}

absl::Status Supervisor::Launch(Child* child, bool again) {
  ProcessOptions options;
  options.command = child->spec.command;
  if (again) {
    options.command.insert(options.command.end(), child->spec.restart_arguments.begin(),
                           child->spec.restart_arguments.end());
  }
  options.log_path = child->spec.log_path;
  DROVER_ASSIGN_OR_RETURN(Process process, Process::Start(options));
  child->process.emplace(std::move(process));
  child->ended.reset();
  return absl::OkStatus();
}

absl::Status Supervisor::Poll(Time now) {
  for (Child& child : children_) {
    if (child.kill_at.has_value()) {
      PollEnding(&child, now);
    } else if (absl::Status status = PollChild(&child, now); !status.ok()) {
      return status;
    }
  }
  const auto gone = [](const Child& child) {
    return child.kill_at.has_value() && !child.process.has_value();
  };
  children_.erase(std::remove_if(children_.begin(), children_.end(), gone), children_.end());
  return absl::OkStatus();
}

void Supervisor::PollEnding(Child* child, Time now) {
  if (!child->process.has_value()) return;
  if (child->process->Poll().has_value()) {
    child->process.reset();
  } else if (now >= *child->kill_at) {
    child->process->Signal(SIGKILL);
  }
}

void Supervisor::End(const std::string& role, int index, Time now) {
  for (Child& child : children_) {
    if (child.spec.role != role || child.spec.index != index || child.kill_at.has_value()) continue;
    child.kill_at = now + kEndLimit;
    if (child.process.has_value()) child.process->Signal(SIGTERM);
  }
}

std::vector<std::pair<const ChildSpec*, bool>> Supervisor::children() const {
  std::vector<std::pair<const ChildSpec*, bool>> all;
  all.reserve(children_.size());
  for (const Child& child : children_) all.emplace_back(&child.spec, child.kill_at.has_value());
  return all;
}

absl::Status Supervisor::PollChild(Child* child, Time now) {
  if (child->process.has_value()) {
    child->ended = child->process->Poll();
    if (!child->ended.has_value()) return absl::OkStatus();
    child->process.reset();
    if (retired_ || !want_restart_(child->spec, *child->ended)) return absl::OkStatus();
    // One that left in order may know of the run's end before whoever is asked here.
    if (!child->ended->ok()) {
      spdlog::warn("{} died: {}", Name(child->spec), child->ended->ToString());
    }
    const std::optional<RestartPolicy::Duration> wait = child->policy.Died(now);
    if (!wait.has_value()) {
      return absl::AbortedError(absl::StrCat(
          Name(child->spec), " died ", RestartPolicy::kMaxDeaths,
          " times within a minute, at last with ", child->ended->ToString(), "; the end of ",
          child->spec.log_path, ":\n", LogTail(child->spec.log_path, kQuotedLines)));
    }
    child->restart_at = now + *wait;
  }
  if (!child->restart_at.has_value() || now < *child->restart_at) return absl::OkStatus();
  child->restart_at.reset();
  if (retired_ || !want_restart_(child->spec, *child->ended)) return absl::OkStatus();
  return Launch(child, /*again=*/true);
}

int Supervisor::running() const {
  return static_cast<int>(std::count_if(children_.begin(), children_.end(), [](const Child& child) {
    return child.process.has_value();
  }));
}

std::optional<ExitStatus> Supervisor::ended(const std::string& role, int index) const {
  for (const Child& child : children_) {
    if (child.spec.role != role || child.spec.index != index) continue;
    return child.restart_at.has_value() ? std::nullopt : child.ended;
  }
  return std::nullopt;
}

void Supervisor::Signal(int signal) {
  for (Child& child : children_) {
    if (child.process.has_value()) child.process->Signal(signal);
  }
}

}  // namespace drover
