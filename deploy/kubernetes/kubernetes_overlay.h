#ifndef DROVER_DEPLOY_KUBERNETES_KUBERNETES_OVERLAY_H_
#define DROVER_DEPLOY_KUBERNETES_KUBERNETES_OVERLAY_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "proto/experiment.pb.h"

namespace drover {

// The namespace of a run's pods.
std::string KubernetesNamespace(const Experiment& experiment);

// Tells a run from others that its namespace had or has: the label "run" of all that belongs to it,
// and its folder on the volumes. Of the id of its launch (coordinator/run_memory.h).
std::string KubernetesName(const std::string& run_id);

// What makes a run of deploy/kubernetes/base: the files of an overlay for `kubectl apply -k`, by
// their names; "base", "replay-<shard>.yaml" and "config.textproto" are to lie beside them.
// Resources, image, namespace and storage are those of experiment.cluster; `name` is
// KubernetesName(). Pure.
//
// INVALID_ARGUMENT: a feature that is no "name=value", or something that a run on Kubernetes has
// not.
absl::StatusOr<std::map<std::string, std::string>> KubernetesOverlay(const Experiment& experiment,
                                                                     const std::string& name,
                                                                     bool insecure);

// deploy/kubernetes/overlays/replay/replay.yaml, of shard 0, for another.
std::string ReplayManifest(const std::string& first, uint32_t shard);

}  // namespace drover

#endif  // DROVER_DEPLOY_KUBERNETES_KUBERNETES_OVERLAY_H_
