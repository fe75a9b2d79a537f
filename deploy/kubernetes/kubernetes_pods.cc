#include "deploy/kubernetes/kubernetes_pods.h"

#include <array>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace drover {
namespace {

using Json = nlohmann::json;

// A container waits for these in vain. (ErrImagePull alone may pass: a registry that is slow.)
constexpr std::array<const char*, 6> kHopeless = {
    "ImagePullBackOff",           "InvalidImageName",     "ErrImageNeverPull",
    "CreateContainerConfigError", "CreateContainerError", "RunContainerError"};

bool IsHopeless(const std::string& reason) {
  for (const char* hopeless : kHopeless) {
    if (reason == hopeless) return true;
  }
  return false;
}

// Of an object that may lack it, or be none.
Json At(const Json& json, const std::string& key) {
  return json.is_object() ? json.value(key, Json()) : Json();
}

std::string Text(const Json& json, const std::string& key) {
  const Json value = At(json, key);
  return value.is_string() ? value.get<std::string>() : "";
}

std::string RoleOf(const Json& item) { return Text(At(At(item, "metadata"), "labels"), "role"); }

// Its message, if the object has such a condition; "": it has not.
std::string Condition(const Json& item, const std::string& type, const std::string& status) {
  for (const Json& condition : At(At(item, "status"), "conditions")) {
    if (Text(condition, "type") == type && Text(condition, "status") == status) {
      return absl::StrCat(Text(condition, "reason"), ": ", Text(condition, "message"));
    }
  }
  return "";
}

// Kubernetes waits for 10 s before the third start, and twice as long before each that follows,
// until a container has run for ten minutes: "back-off 1m20s restarting failed container=…" is
// said after the fifth death.
bool WaitsForMinutes(absl::string_view message) {
  const size_t start = message.find("back-off ");
  if (start == absl::string_view::npos) return false;
  message.remove_prefix(start + 9);
  while (!message.empty() && absl::ascii_isdigit(message[0])) message.remove_prefix(1);
  return absl::StartsWith(message, "m");
}

void ReadDeployment(const Json& deployment, KubernetesPods* pods, uint32_t* wanted) {
  const Json replicas = At(At(deployment, "spec"), "replicas");
  const uint32_t count = replicas.is_number_unsigned() ? replicas.get<uint32_t>() : 0;
  *wanted += count;
  if (RoleOf(deployment) == "actor") pods->actors = count;
  const std::string failure = Condition(deployment, "ReplicaFailure", "True");
  if (pods->lacking.empty()) pods->lacking = failure;
}

void ReadContainer(const Json& pod, const Json& container, KubernetesPods* pods, uint32_t* run) {
  const std::string name = Text(At(pod, "metadata"), "name");
  const Json state = At(container, "state");
  if (state.contains("running")) {
    ++*run;
    if (RoleOf(pod) == "coordinator") pods->coordinator = Text(container, "containerID");
  }
  const Json waiting = At(state, "waiting");
  const std::string reason = Text(waiting, "reason");
  const std::string message = Text(waiting, "message");
  if (IsHopeless(reason)) {
    pods->broken = absl::StrCat("pod ", name, " cannot run: ", reason, ": ", message);
  }
  if (reason == "CrashLoopBackOff" && WaitsForMinutes(message)) pods->dying = name;
}

void ReadPod(const Json& pod, KubernetesPods* pods, uint32_t* run) {
  const Json metadata = At(pod, "metadata");
  ++pods->count;
  // It is being ended, and another takes its place.
  if (metadata.contains("deletionTimestamp")) return;
  const std::string unplaced = Condition(pod, "PodScheduled", "False");
  if (!unplaced.empty()) {
    const std::string name = Text(metadata, "name");
    if (pods->lacking.empty()) pods->lacking = absl::StrCat("pod ", name, ": ", unplaced);
    pods->homeless.insert(name);
  }
  for (const Json& container : At(At(pod, "status"), "containerStatuses")) {
    ReadContainer(pod, container, pods, run);
  }
}

}  // namespace

KubernetesPods ParseKubernetesPods(const std::string& json) {
  KubernetesPods pods;
  uint32_t wanted = 0;
  uint32_t run = 0;
  const Json list = Json::parse(json, nullptr, /*exceptions=*/false);
  for (const Json& item : At(list, "items")) {
    const std::string kind = Text(item, "kind");
    if (kind == "Deployment") ReadDeployment(item, &pods, &wanted);
    if (kind == "Pod") ReadPod(item, &pods, &run);
  }
  pods.all_run = wanted > 0 && run >= wanted;
  return pods;
}

}  // namespace drover
