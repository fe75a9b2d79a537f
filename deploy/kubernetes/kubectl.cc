#include "deploy/kubernetes/kubectl.h"

#include <utility>

#include "absl/strings/str_split.h"
#include "deploy/command.h"

namespace drover {

Kubectl::Kubectl(std::string name_space) : namespace_(std::move(name_space)) {}

std::vector<std::string> Kubectl::Command(const std::vector<std::string>& words) const {
  std::vector<std::string> all = {"kubectl", "--namespace", namespace_};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

absl::StatusOr<std::string> Kubectl::Run(const std::vector<std::string>& words,
                                         std::chrono::seconds limit) const {
  return CommandOutput(Command(words), limit);
}

std::string LastLine(const absl::Status& status) {
  const std::vector<std::string> lines =
      absl::StrSplit(status.message(), '\n', absl::SkipWhitespace());
  return lines.empty() ? "" : lines.back();
}

}  // namespace drover
