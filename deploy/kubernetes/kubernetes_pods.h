#ifndef DROVER_DEPLOY_KUBERNETES_KUBERNETES_PODS_H_
#define DROVER_DEPLOY_KUBERNETES_KUBERNETES_PODS_H_

#include <cstdint>
#include <set>
#include <string>

namespace drover {

// How a run's pods stand.
struct KubernetesPods {
  int count = 0;
  uint32_t actors = 0;      // how many its Deployment is to have
  bool all_run = false;     // as many as the Deployments are to have
  std::string coordinator;  // the container of it that runs, another after each start; "": none

  // "pod drover-learner-7f cannot run: ImagePullBackOff: …": however long one waits, as long as
  // nobody mends it (an image that is not there, a missing configmap, …). "": none.
  std::string broken;
  // The name of a pod that died five times in a row; its log tells why. "": none.
  std::string dying;
  // Why not all pods are there that should be: no node has room for them, a quota is used up, …
  // The first reason; it may pass. "": they are.
  std::string lacking;
  std::set<std::string> homeless;  // names of pods that no node has room for
};

// What `kubectl get deployments,pods -o json` says. Pure.
KubernetesPods ParseKubernetesPods(const std::string& json);

}  // namespace drover

#endif  // DROVER_DEPLOY_KUBERNETES_KUBERNETES_PODS_H_
