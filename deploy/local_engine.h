#ifndef DROVER_DEPLOY_LOCAL_ENGINE_H_
#define DROVER_DEPLOY_LOCAL_ENGINE_H_

#include <memory>

#include "deploy/engine.h"

namespace drover {

// Runs a cluster as processes of this machine, children of this one: none outlives it. They talk
// over Unix sockets in the run directory. Who dies is started again; one that dies five times a
// minute fails the run. Actors that are too many get SIGTERM, finish their unroll and leave.
std::unique_ptr<Engine> MakeLocalEngine(const Placement& placement);

}  // namespace drover

#endif  // DROVER_DEPLOY_LOCAL_ENGINE_H_
