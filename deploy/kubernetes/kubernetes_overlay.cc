#include "deploy/kubernetes/kubernetes_overlay.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "common/topology.h"
#include "deploy/resources.h"

namespace drover {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kPod[] = "/spec/template/spec";
constexpr char kContainer[] = "/spec/template/spec/containers/0";

Json Op(const std::string& op, const std::string& path, Json value = nullptr) {
  Json json = {{"op", op}, {"path", path}};
  if (!value.is_null()) json["value"] = std::move(value);
  return json;
}

Json ResourcesJson(const Resources& resources) {
  const std::string memory = absl::StrCat(resources.memory_mib(), "Mi");
  Json json = {{"requests", {{"cpu", std::to_string(resources.cores())}, {"memory", memory}}},
               {"limits", {{"memory", memory}}}};
  if (resources.gpus() > 0) json["limits"]["nvidia.com/gpu"] = resources.gpus();
  return json;
}

absl::StatusOr<Json> NodeSelector(const Resources& resources) {
  Json json = Json::object();
  for (const std::string& feature : resources.features()) {
    const std::vector<std::string> parts = absl::StrSplit(feature, absl::MaxSplits('=', 1));
    if (parts.size() != 2 || parts[0].empty()) {
      return absl::InvalidArgumentError(absl::StrCat("feature \"", feature,
                                                     "\" is no label of a Kubernetes node: "
                                                     "\"name=value\""));
    }
    json[parts[0]] = parts[1];
  }
  return json;
}

// One Deployment of the base, and what its pods are to be.
struct Pods {
  Role::Kind role;
  std::string deployment;
  bool serves;
  int certificates_env;     // where in the base the certificates are: of env,
  int certificates_volume;  // and of volumes and their mounts
};

absl::StatusOr<Json> Patch(const Pods& pods, const Experiment& experiment, const std::string& name,
                           bool insecure) {
  const Resources resources = ResourcesOf(experiment, pods.role);
  DROVER_ASSIGN_OR_RETURN(Json selector, NodeSelector(resources));
  Json ops = Json::array();
  ops.push_back(Op("replace", absl::StrCat(kContainer, "/resources"), ResourcesJson(resources)));
  if (!selector.empty()) ops.push_back(Op("add", absl::StrCat(kPod, "/nodeSelector"), selector));
  if (pods.role == Role::actor) {
    ops.push_back(Op("replace", "/spec/replicas", experiment.actors().count()));
  }
  if (pods.role == Role::coordinator) {
    ops.push_back(
        Op("replace", absl::StrCat(kContainer, "/args/1"), "--run_dir=/home/drover/runs/" + name));
  }
  if (!insecure) return ops;
  if (pods.serves) ops.push_back(Op("add", absl::StrCat(kContainer, "/args/-"), "--insecure"));
  ops.push_back(Op("remove", absl::StrCat(kContainer, "/env/", pods.certificates_env)));
  ops.push_back(Op("remove", absl::StrCat(kContainer, "/volumeMounts/", pods.certificates_volume)));
  ops.push_back(Op("remove", absl::StrCat(kPod, "/volumes/", pods.certificates_volume)));
  return ops;
}

Json StoragePatch(const KubernetesOptions& options) {
  const uint32_t gib = options.has_storage_gib() ? options.storage_gib() : 10;
  Json ops =
      Json::array({Op("replace", "/spec/resources/requests/storage", absl::StrCat(gib, "Gi"))});
  if (!options.storage_class().empty()) {
    ops.push_back(Op("add", "/spec/storageClassName", options.storage_class()));
  }
  return ops;
}

Json Image(const std::string& image) {
  const size_t colon = image.rfind(':');
  const bool tagged = colon != std::string::npos && image.find('/', colon) == std::string::npos;
  return {{"name", "drover"},
          {"newName", tagged ? image.substr(0, colon) : image},
          {"newTag", tagged ? image.substr(colon + 1) : "latest"}};
}

}  // namespace

std::string KubernetesNamespace(const Experiment& experiment) {
  const std::string& name = experiment.cluster().kubernetes().name_space();
  return name.empty() ? "default" : name;
}

std::string KubernetesName(const std::string& run_id) {
  constexpr size_t kLongestLabel = 63;
  // What tells launches apart is at its end.
  std::string name = run_id.substr(run_id.size() - std::min(run_id.size(), kLongestLabel));
  for (char& c : name) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_' && c != '.') c = '-';
  }
  while (!name.empty() && !absl::ascii_isalnum(name[0])) name.erase(0, 1);
  return name;
}

std::string ReplayManifest(const std::string& first, uint32_t shard) {
  const std::string name = absl::StrCat("replay-", shard);
  return absl::StrReplaceAll(first, {{"drover-replay-certs", "drover-replay-certs"},
                                     {"drover-replay", absl::StrCat("drover-", name)},
                                     {"role: replay", absl::StrCat("role: ", name)},
                                     {"--member=replay-0", absl::StrCat("--member=", name)},
                                     {"--index=0", absl::StrCat("--index=", shard)}});
}

absl::StatusOr<std::map<std::string, std::string>> KubernetesOverlay(const Experiment& experiment,
                                                                     const std::string& name,
                                                                     bool insecure) {
  if (experiment.evaluation().every_frames() > 0) {
    return absl::InvalidArgumentError(
        "evaluation.every_frames: there is no evaluator on Kubernetes yet; allowed is 0");
  }
  std::vector<Pods> all = {{Role::coordinator, "drover-coordinator", true, 1, 2},
                           {Role::learner, "drover-learner", true, 0, 1},
                           {Role::actor, "drover-actors", false, 0, 0}};
  std::vector<std::string> claims = {"drover-coordinator", "drover-learner"};
  Json resources = Json::array();
  const uint32_t shards = UsesReplay(experiment) ? experiment.replay().shards() : 0;
  for (uint32_t shard = 0; shard < shards; ++shard) {
    all.push_back({Role::replay, absl::StrCat("drover-replay-", shard), true, 0, 1});
    claims.push_back(absl::StrCat("drover-replay-", shard));
    resources.push_back(absl::StrCat("replay-", shard, ".yaml"));
  }

  std::map<std::string, std::string> files;
  Json patches = Json::array();
  for (const Pods& pods : all) {
    DROVER_ASSIGN_OR_RETURN(const Json ops, Patch(pods, experiment, name, insecure));
    const std::string file = absl::StrCat(pods.deployment, ".json");
    files[file] = ops.dump(2);
    patches.push_back({{"target",
                        {{"group", "apps"},
                         {"version", "v1"},
                         {"kind", "Deployment"},
                         {"name", pods.deployment}}},
                       {"path", file}});
  }
  files["storage.json"] = StoragePatch(experiment.cluster().kubernetes()).dump(2);
  for (const std::string& claim : claims) {
    patches.push_back(
        {{"target", {{"version", "v1"}, {"kind", "PersistentVolumeClaim"}, {"name", claim}}},
         {"path", "storage.json"}});
  }
  const std::string& image = experiment.cluster().kubernetes().image();
  const Json kustomization = {
      {"apiVersion", "kustomize.config.k8s.io/v1beta1"},
      {"kind", "Kustomization"},
      {"namespace", KubernetesNamespace(experiment)},
      {"bases", {"base"}},
      {"resources", resources},
      {"images", Json::array({Image(image.empty() ? "drover:latest" : image)})},
      {"commonLabels", {{"app", "drover"}, {"run", name}}},
      {"configMapGenerator",
       Json::array({{{"name", "drover"},
                     {"behavior", "replace"},
                     {"literals", {"config=/etc/drover/config/config.textproto"}},
                     {"files", {"config.textproto"}}}})},
      {"patchesJson6902", patches}};
  files["kustomization.yaml"] = kustomization.dump(2);
  return files;
}

}  // namespace drover
