#include "cli/progress.h"

#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/human.h"

namespace drover {
namespace {

constexpr std::chrono::seconds kLineInterval{3};

// "waiting", "running", "draining (target_reached)"
std::string State(const StatusReply& status) {
  std::string state = RunState::Kind_Name(status.state());
  if (status.end_reason() != EndReason::unspecified) {
    absl::StrAppend(&state, " (", EndReason::Kind_Name(status.end_reason()), ")");
  }
  return state;
}

std::string Return(const StatusReply& status) {
  return status.learner().episodes() == 0 ? "–" : FormatNumber(status.learner().mean_return());
}

int Alive(const StatusReply& status, Role::Kind role) {
  return static_cast<int>(std::count_if(status.members().begin(), status.members().end(),
                                        [role](const MemberStatus& member) {
                                          return member.alive() && member.member().role() == role;
                                        }));
}

}  // namespace

double SecondsLeft(const StatusReply& status) {
  const uint64_t budget = status.experiment().budget().max_frames();
  const uint64_t frames = status.learner().frames();
  if (frames >= budget) return 0;
  if (status.frames_per_second() <= 0) return -1;
  return static_cast<double>(budget - frames) / status.frames_per_second();
}

std::vector<std::string> ProgressBlock(const StatusReply& status) {
  const Experiment& experiment = status.experiment();
  const LearnerReport& learner = status.learner();
  std::string target;
  if (experiment.target().has_return_()) {
    target = absl::StrCat("   target ", FormatNumber(experiment.target().return_()));
  }
  std::string lost;
  if (learner.dropped_unrolls() > 0) {
    absl::StrAppend(&lost, "   dropped ", FormatCount(learner.dropped_unrolls()));
  }
  if (learner.rejected_unrolls() > 0) {
    absl::StrAppend(&lost, "   rejected ", FormatCount(learner.rejected_unrolls()));
  }
  return {
      absl::StrCat(experiment.name(), "   ", experiment.environment(), "   ",
                   experiment.algorithm(), "   ", State(status)),
      absl::StrCat("  return   ", Return(status), target),
      absl::StrCat("  frames   ", FormatCount(learner.frames()), " of ",
                   FormatCount(experiment.budget().max_frames()), "   ",
                   FormatNumber(status.frames_per_second()), "/s"),
      absl::StrCat("  updates  ", FormatCount(learner.updates()), "   ",
                   FormatNumber(status.updates_per_second()), "/s   lag ",
                   FormatNumber(learner.lag_mean()), ", at most ", learner.lag_max(), lost),
      absl::StrCat("  actors   ", Alive(status, Role::actor), " of ", status.desired_actors()),
      absl::StrCat("  time     ", FormatDuration(learner.seconds()), "   at most ",
                   FormatDuration(SecondsLeft(status)), " left"),
  };
}

std::string ProgressLine(const StatusReply& status) {
  const LearnerReport& learner = status.learner();
  return absl::StrCat(
      FormatDuration(learner.seconds()), "  ", State(status), "  return ", Return(status),
      "  frames ", FormatCount(learner.frames()), " (", FormatNumber(status.frames_per_second()),
      "/s)  updates ", FormatCount(learner.updates()), " (",
      FormatNumber(status.updates_per_second()), "/s)  lag ", FormatNumber(learner.lag_mean()),
      "  left ", FormatDuration(SecondsLeft(status)));
}

void Progress::Update(const StatusReply& status) {
  // Once, and again where a coordinator that was started anew has another port.
  if (!status.dashboard().empty() && status.dashboard() != dashboard_) {
    dashboard_ = status.dashboard();
    std::cout << "dashboard: " << dashboard_ << std::endl;
    lines_drawn_ = 0;
  }
  if (terminal_) {
    DrawBlock(status);
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now < next_line_ || status.state() == RunState::waiting) return;
  next_line_ = now + kLineInterval;
  std::cout << ProgressLine(status) << std::endl;
}

void Progress::DrawBlock(const StatusReply& status) {
  std::string text;
  if (lines_drawn_ > 0)
    absl::StrAppend(&text, "\x1b[", lines_drawn_, "A");  // up, to its first line
  const std::vector<std::string> block = ProgressBlock(status);
  for (const std::string& line : block) absl::StrAppend(&text, "\x1b[K", line, "\n");
  lines_drawn_ = block.size();
  std::cout << text << std::flush;
}

}  // namespace drover
