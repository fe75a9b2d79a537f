#include "cli/top.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <deque>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/run_option.h"
#include "cli/top_text.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "deploy/coordinator_client.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPeriod{1};
constexpr size_t kWindow = 5;  // rates are over so many periods
constexpr std::chrono::seconds kOnce{2};

absl::StatusOr<CoordinatorClient> Connect(const RunOption& run) {
  DROVER_ASSIGN_OR_RETURN(const std::string run_dir, OpenRun(run));
  return CoordinatorClient::OfRun(run_dir);
}

// From the upper left corner, each line to its end, and nothing below.
void Draw(const StatusReply& before, const StatusReply& now) {
  winsize size = {};
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  const std::string text = TopText(before, now, size.ws_row, size.ws_col);
  std::cout << "\x1b[H" << absl::StrReplaceAll(text, {{"\n", "\x1b[K\n"}}) << "\x1b[J"
            << std::flush;
}

int Watch(CoordinatorClient* client) {
  const StopSignal stop;
  std::deque<StatusReply> statuses;
  do {
    absl::StatusOr<StatusReply> status = client->Status();
    if (!status.ok()) {
      if (statuses.empty()) return Fail(status.status(), kExitFailed);
      std::cout << "\nthe coordinator does not answer any more: the run is over\n";
      return kExitOk;
    }
    statuses.push_back(*std::move(status));
    if (statuses.size() > kWindow + 1) statuses.pop_front();
    Draw(statuses.size() > 1 ? statuses.front() : StatusReply(), statuses.back());
  } while (!stop.WaitUntil(Clock::now() + kPeriod));
  return kExitOk;
}

int Once(CoordinatorClient* client) {
  const StopSignal stop;
  absl::StatusOr<StatusReply> before = client->Status();
  if (!before.ok()) return Fail(before.status(), kExitFailed);
  if (stop.WaitUntil(Clock::now() + kOnce)) return kExitOk;
  const absl::StatusOr<StatusReply> now = client->Status();
  const bool young = !now.ok() || before->uptime_seconds() < 1;
  std::cout << TopText(young ? StatusReply() : *before, now.ok() ? *now : *before, 0, 0)
            << std::flush;
  return kExitOk;
}

int RunTop(const RunOption& run) {
  absl::StatusOr<CoordinatorClient> client = Connect(run);
  if (!client.ok()) return Fail(client.status(), kExitBadInput);
  return isatty(STDOUT_FILENO) == 1 ? Watch(&*client) : Once(&*client);
}

}  // namespace

Command AddTop(CLI::App* app) {
  auto run = std::make_shared<RunOption>();
  CLI::App* command = AddCommand(app, "top", "watch a run: rates, bottleneck, processes");
  AddRun(command, run.get());
  return {command, [run] { return RunTop(*run); }};
}

}  // namespace drover
