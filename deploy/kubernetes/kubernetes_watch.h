#ifndef DROVER_DEPLOY_KUBERNETES_KUBERNETES_WATCH_H_
#define DROVER_DEPLOY_KUBERNETES_KUBERNETES_WATCH_H_

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "deploy/kubernetes/kubectl.h"
#include "deploy/kubernetes/kubernetes_pods.h"

namespace drover {

// Whether a run's pods can keep it alive. Kubernetes tries for ever; a person wants to be told.
//
// A cluster that never comes up whole ends with the reason: at once where a pod cannot run, after
// a minute where there is no room for one, unless an autoscaler says that more nodes are coming.
// One that was whole goes on with what it has: a node that is lost, or more actors than there is
// room for, are no reason to end it. A process that dies again and again is, always.
class KubernetesWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds kPatience{60};

  explicit KubernetesWatch(Kubectl kubectl);

  // All pods ran at once some time.
  bool whole() const { return whole_; }
  // They did before this process looked.
  void SetWhole() { whole_ = true; }

  // How they are now. ABORTED: the run cannot live, and why.
  absl::Status Look(const KubernetesPods& pods, Time now);

 private:
  absl::Status Await(const KubernetesPods& pods, Time now);
  bool NodesAreComing(const KubernetesPods& pods) const;

  const Kubectl kubectl_;
  bool whole_ = false;
  std::string trouble_;  // as last logged
  std::optional<Time> lacking_since_;
};

}  // namespace drover

#endif  // DROVER_DEPLOY_KUBERNETES_KUBERNETES_WATCH_H_
