#include "deploy/kubernetes/kubernetes_manifests.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/data_folders.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/topology.h"
#include "coordinator/coordinator_main.h"
#include "deploy/kubernetes/kubernetes_overlay.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<fs::path> FindManifests(const std::string& drover) {
  const std::vector<std::string> places = DataFolders(drover, "deploy/kubernetes");
  // Those that came with the executable first: who works in a folder with manifests of his own
  // does not mean them.
  for (auto place = places.rbegin(); place != places.rend(); ++place) {
    std::error_code ignored;
    if (fs::exists(fs::path(*place) / "base/kustomization.yaml", ignored)) return *place;
  }
  return absl::NotFoundError(absl::StrCat("the manifests are not at ", places.back()));
}

}  // namespace

absl::Status WriteKubernetesManifests(const Placement& placement, const std::string& name,
                                      const std::string& folder) {
  DROVER_ASSIGN_OR_RETURN(const fs::path manifests, FindManifests(placement.drover));
  DROVER_RETURN_IF_ERROR(MakeDirectories(absl::StrCat(folder, "/base")));
  for (const char* file :
       {"kustomization.yaml", "coordinator.yaml", "learner.yaml", "actors.yaml"}) {
    DROVER_ASSIGN_OR_RETURN(const std::string text, ReadFile((manifests / "base" / file).string()));
    DROVER_RETURN_IF_ERROR(WriteFile(absl::StrCat(folder, "/base/", file), text));
  }
  DROVER_ASSIGN_OR_RETURN(auto files,
                          KubernetesOverlay(placement.experiment, name, placement.insecure));
  DROVER_ASSIGN_OR_RETURN(files[kConfigFile],
                          ReadFile(absl::StrCat(placement.run_dir, "/", kConfigFile)));
  if (UsesReplay(placement.experiment)) {
    DROVER_ASSIGN_OR_RETURN(const std::string first,
                            ReadFile((manifests / "overlays/replay/replay.yaml").string()));
    for (uint32_t shard = 0; shard < placement.experiment.replay().shards(); ++shard) {
      files[absl::StrCat("replay-", shard, ".yaml")] = ReplayManifest(first, shard);
    }
  }
  for (const auto& [file, text] : files) {
    DROVER_RETURN_IF_ERROR(WriteFile(absl::StrCat(folder, "/", file), text));
  }
  return absl::OkStatus();
}

}  // namespace drover
