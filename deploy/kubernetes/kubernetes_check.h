#ifndef DROVER_DEPLOY_KUBERNETES_KUBERNETES_CHECK_H_
#define DROVER_DEPLOY_KUBERNETES_KUBERNETES_CHECK_H_

#include "absl/status/status.h"
#include "deploy/engine.h"
#include "deploy/kubernetes/kubectl.h"

namespace drover {

// Whether there is a cluster that may take the run: FAILED_PRECONDITION with what is in the way.
// Not whether it has room, since clusters grow. `is_there`: the run is in its namespace already,
// and only that is looked at which may have changed.
absl::Status CheckKubernetes(const Placement& placement, const Kubectl& kubectl, bool is_there);

}  // namespace drover

#endif  // DROVER_DEPLOY_KUBERNETES_KUBERNETES_CHECK_H_
