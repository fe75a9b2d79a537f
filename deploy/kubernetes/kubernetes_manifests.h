#ifndef DROVER_DEPLOY_KUBERNETES_KUBERNETES_MANIFESTS_H_
#define DROVER_DEPLOY_KUBERNETES_KUBERNETES_MANIFESTS_H_

#include <string>

#include "absl/status/status.h"
#include "deploy/engine.h"

namespace drover {

// Writes into `folder` what `kubectl apply -k` makes the run of: the overlay of
// kubernetes_overlay.h, and of deploy/kubernetes/ what it refers to. `name`: as there. NOT_FOUND:
// neither this build nor this installation has deploy/kubernetes.
absl::Status WriteKubernetesManifests(const Placement& placement, const std::string& name,
                                      const std::string& folder);

}  // namespace drover

#endif  // DROVER_DEPLOY_KUBERNETES_KUBERNETES_MANIFESTS_H_
