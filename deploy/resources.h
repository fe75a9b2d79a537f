#ifndef DROVER_DEPLOY_RESOURCES_H_
#define DROVER_DEPLOY_RESOURCES_H_

#include "proto/coordinator.pb.h"
#include "proto/experiment.pb.h"

namespace drover {

// What the config's `cluster` block says that a process of `role` gets of its machine.
inline const Resources& AskedOf(const Experiment& experiment, Role::Kind role) {
  const ClusterPlan& plan = experiment.cluster();
  return role == Role::coordinator ? plan.coordinator()
         : role == Role::learner   ? plan.learner()
         : role == Role::replay    ? plan.replay()
         : role == Role::evaluator ? plan.evaluator()
                                   : plan.actor();
}

// The same, with what that leaves open filled in as proto/experiment.proto promises.
inline Resources ResourcesOf(const Experiment& experiment, Role::Kind role) {
  const bool learner = role == Role::learner;
  const bool replay = role == Role::replay;
  Resources resources = AskedOf(experiment, role);
  if (!resources.has_cores()) resources.set_cores(1);
  if (!resources.has_memory_mib()) resources.set_memory_mib(learner || replay ? 4096 : 1024);
  if (!resources.has_gpus()) resources.set_gpus(learner && experiment.device() == "cuda" ? 1 : 0);
  return resources;
}

}  // namespace drover

#endif  // DROVER_DEPLOY_RESOURCES_H_
