#include "deploy/engines.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "deploy/kubernetes/kubernetes_engine.h"
#include "deploy/local_engine.h"
#include "deploy/slurm/slurm_engine.h"

namespace drover {
namespace {

using Make = std::unique_ptr<Engine> (*)(const Placement&);

const std::vector<std::pair<std::string, Make>>& Table() {
  static const auto* const table = new std::vector<std::pair<std::string, Make>>{
      {kLocalEngine, MakeLocalEngine},
      {"slurm", MakeSlurmEngine},
      {"kubernetes", MakeKubernetesEngine},
  };
  return *table;
}

}  // namespace

std::vector<std::string> EngineNames() {
  std::vector<std::string> names;
  for (const auto& [name, make] : Table()) names.push_back(name);
  return names;
}

absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(const std::string& name,
                                                   const Placement& placement) {
  for (const auto& [known, make] : Table()) {
    if (known == name) return make(placement);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no engine \"", name, "\"; there is ", absl::StrJoin(EngineNames(), ", ")));
}

}  // namespace drover
