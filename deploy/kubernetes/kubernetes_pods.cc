#include "deploy/kubernetes/kubernetes_pods.h"

#include <array>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "deploy/restart_policy.h"

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

Json Items(const std::string& text) {
  return At(Json::parse(text, nullptr, /*exceptions=*/false), "items");
}

}  // namespace

int CountPods(const std::string& json) { return static_cast<int>(Items(json).size()); }

absl::Status CheckPods(const std::string& json) {
  for (const Json& pod : Items(json)) {
    for (const Json& container : At(At(pod, "status"), "containerStatuses")) {
      const Json waiting = At(At(container, "state"), "waiting");
      const std::string reason = Text(waiting, "reason");
      const Json restarts = At(container, "restartCount");
      const bool dies = reason == "CrashLoopBackOff" && restarts.is_number() &&
                        restarts.get<int>() >= RestartPolicy::kMaxDeaths;
      if (!dies && !IsHopeless(reason)) continue;
      const std::string name = Text(At(pod, "metadata"), "name");
      return absl::AbortedError(absl::StrCat("pod ", name, " cannot run: ", reason, ": ",
                                             Text(waiting, "message"),
                                             dies ? "; kubectl logs --previous " + name : ""));
    }
  }
  return absl::OkStatus();
}

}  // namespace drover
