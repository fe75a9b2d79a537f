#ifndef DROVER_DEPLOY_KUBERNETES_KUBERNETES_PODS_H_
#define DROVER_DEPLOY_KUBERNETES_KUBERNETES_PODS_H_

#include <string>

#include "absl/status/status.h"

// What `kubectl get pods -o json` says. Pure functions.
namespace drover {

int CountPods(const std::string& json);

// ABORTED, with the pod, the reason and what Kubernetes says of it: one that cannot start, however
// long one waits (its image is not there, a secret is missing, …), or that died five times.
absl::Status CheckPods(const std::string& json);

}  // namespace drover

#endif  // DROVER_DEPLOY_KUBERNETES_KUBERNETES_PODS_H_
