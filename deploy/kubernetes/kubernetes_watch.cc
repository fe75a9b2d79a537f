#include "deploy/kubernetes/kubernetes_watch.h"

#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover {
namespace {

// Of an event: its reason and whom it is about.
constexpr char kEvents[] =
    R"(jsonpath={range .items[*]}{.reason} {.involvedObject.name}{"\n"}{end})";

}  // namespace

KubernetesWatch::KubernetesWatch(Kubectl kubectl) : kubectl_(std::move(kubectl)) {}

absl::Status KubernetesWatch::Look(const KubernetesPods& pods, Time now) {
  whole_ = whole_ || pods.all_run;
  if (!pods.dying.empty()) {
    const auto log = kubectl_.Run({"logs", "--previous", "--tail=15", pods.dying});
    return absl::AbortedError(absl::StrCat("pod ", pods.dying, " died five times in a row:\n",
                                           log.ok() ? *log : LastLine(log.status())));
  }
  const std::string& trouble = pods.broken.empty() ? pods.lacking : pods.broken;
  if (trouble != trouble_ && !trouble.empty()) spdlog::warn("{}", trouble);
  trouble_ = trouble;
  if (whole_) return absl::OkStatus();
  return pods.broken.empty() ? Await(pods, now) : absl::AbortedError(pods.broken);
}

absl::Status KubernetesWatch::Await(const KubernetesPods& pods, Time now) {
  if (pods.lacking.empty() || NodesAreComing(pods)) {
    lacking_since_.reset();
    return absl::OkStatus();
  }
  if (!lacking_since_.has_value()) lacking_since_ = now;
  if (now < *lacking_since_ + kPatience) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("not whole after ", kPatience.count(), " s: ", pods.lacking));
}

// An autoscaler has said so of a pod that waits for one.
bool KubernetesWatch::NodesAreComing(const KubernetesPods& pods) const {
  if (pods.homeless.empty()) return false;
  const absl::StatusOr<std::string> events = kubectl_.Run({"get", "events", "-o", kEvents});
  for (const absl::string_view line : absl::StrSplit(events.value_or(""), '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    const bool coming = words[0] == "TriggeredScaleUp" || words[0] == "Nominated";
    if (coming && words.size() == 2 && pods.homeless.count(words[1]) > 0) return true;
  }
  return false;
}

}  // namespace drover
