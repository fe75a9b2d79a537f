#include "deploy/kubernetes/kubernetes_check.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "deploy/reconcile.h"

namespace drover {
namespace {

// A pod would wait for a missing one for ever.
absl::Status CheckSecrets(const Placement& placement, const Kubectl& kubectl) {
  const absl::StatusOr<std::string> listed = kubectl.Run({"get", "secrets", "-o", "name"});
  if (!listed.ok()) return absl::OkStatus();  // who may not look at secrets may still refer to them
  const std::set<std::string> secrets = absl::StrSplit(*listed, '\n');
  for (const Place& place : Places(placement.experiment, 1)) {
    const std::string role = Role::Kind_Name(place.role);
    const std::string name = absl::StrCat("drover-", role, "-certs");
    if (secrets.count(absl::StrCat("secret/", name)) > 0) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("namespace ", kubectl.name_space(), " has no secret ", name,
                     ": kubectl create secret generic ", name, " --from-file=certs/", role));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckKubernetes(const Placement& placement, const Kubectl& kubectl, bool is_there) {
  const absl::StatusOr<std::string> found =
      kubectl.Run({"get", "deployments", "-l", "app=drover", "-o", "name", "--request-timeout=5s"});
  if (!found.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is no Kubernetes to start it on: ", LastLine(found.status())));
  }
  if (is_there) return absl::OkStatus();
  if (!found->empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is a run in namespace ", kubectl.name_space(),
                     " already; cluster.kubernetes.name_space names another"));
  }
  if (placement.insecure) return absl::OkStatus();
  if (placement.certs.empty()) {
    return absl::FailedPreconditionError(
        "pods reach each other over a network: they need certificates (--certs, "
        "docs/kubernetes.md), "
        "or --insecure, which lets anyone join who reaches them");
  }
  return CheckSecrets(placement, kubectl);
}

}  // namespace drover
