#include "deploy/doctor/placement.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "deploy/doctor/program.h"

namespace drover {
namespace {

// What installs the engine's commands, connects them, or shows that which Check() looked at.
std::string MendOf(const std::string& engine, bool connected) {
  if (engine == "slurm") {
    if (!HasProgram("sinfo")) return "apt-get install slurm-client";
    return connected ? "sinfo --long  # choose by cluster.slurm.partition and --actors"
                     : "scp LOGIN_NODE:/etc/slurm/slurm.conf /etc/slurm/ && sinfo";
  }
  if (engine == "kubernetes") {
    if (!HasProgram("kubectl")) return "apt-get install kubernetes-client";
    return connected ? "kubectl get deployments -A  # cluster.kubernetes.name_space is another"
                     : "export KUBECONFIG=FILE && kubectl cluster-info";
  }
  return "";
}

}  // namespace

Finding CheckPlacement(const std::string& engine, const absl::Status& check) {
  const std::string what = absl::StrCat("--on=", engine);
  if (check.ok()) return Ok(what, "the run can be placed there");
  const bool connected = !absl::StartsWith(check.message(), "there is no ");
  return Wrong(what, std::string(check.message()), MendOf(engine, connected));
}

}  // namespace drover
