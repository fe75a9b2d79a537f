#ifndef DROVER_DEPLOY_KUBERNETES_KUBERNETES_ENGINE_H_
#define DROVER_DEPLOY_KUBERNETES_KUBERNETES_ENGINE_H_

#include <memory>

#include "deploy/engine.h"

namespace drover {

// Places a run's processes as pods: what kubectl of $PATH, with the context that it is set to,
// makes of deploy/kubernetes/ (kubernetes_overlay.h), which Prepare() writes into the run
// directory's kubernetes/. One run a namespace. Kubernetes itself replaces what dies or loses its
// node; this engine sets how many actors there are, and notices what cannot start
// (kubernetes_watch.h).
//
// The run's files are on volumes, which outlive it; its summary and metrics come here at its end.
// The coordinator is reached through port_forward.h.
std::unique_ptr<Engine> MakeKubernetesEngine(const Placement& placement);

}  // namespace drover

#endif  // DROVER_DEPLOY_KUBERNETES_KUBERNETES_ENGINE_H_
