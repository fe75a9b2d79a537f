#include "deploy/kubernetes/port_forward.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kPause{1000};  // it ends at once while there is no pod to reach

}  // namespace

PortForward::PortForward(Kubectl kubectl, std::string target, int port, std::string log_path)
    : kubectl_(std::move(kubectl)),
      target_(std::move(target)),
      port_(port),
      log_path_(std::move(log_path)) {}

absl::StatusOr<std::string> PortForward::Address() {
  if (!process_.has_value() || process_->Poll().has_value()) {
    DROVER_RETURN_IF_ERROR(Start());
  }
  // "Forwarding from 127.0.0.1:41763 -> 7000"
  for (const absl::string_view line : absl::StrSplit(ReadFile(log_path_).value_or(""), '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.size() > 3 && absl::StartsWith(words[2], "127.0.0.1:")) return words[2];
  }
  return absl::UnavailableError(absl::StrCat("no way to ", target_, " yet"));
}

absl::Status PortForward::Start() {
  if (Clock::now() < next_start_) {
    return absl::UnavailableError(absl::StrCat("no way to ", target_, " yet"));
  }
  next_start_ = Clock::now() + kPause;
  Close();
  RemoveAll(log_path_).IgnoreError();
  ProcessOptions options;
  // kubectl does not watch its parent (common/parent_watch.h).
  options.command = {"setpriv", "--pdeathsig", "KILL"};
  const std::vector<std::string> kubectl =
      kubectl_.Command({"port-forward", target_, absl::StrCat(":", port_)});
  options.command.insert(options.command.end(), kubectl.begin(), kubectl.end());
  options.log_path = log_path_;
  DROVER_ASSIGN_OR_RETURN(Process process, Process::Start(options));
  process_.emplace(std::move(process));
  return absl::OkStatus();
}

}  // namespace drover
