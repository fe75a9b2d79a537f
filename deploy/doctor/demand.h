#ifndef DROVER_DEPLOY_DOCTOR_DEMAND_H_
#define DROVER_DEPLOY_DOCTOR_DEMAND_H_

#include <cstdint>

#include "deploy/doctor/finding.h"
#include "deploy/doctor/machine.h"
#include "proto/coordinator.pb.h"

namespace drover {

// What a run's processes take of one machine that has them all. Where the config's `cluster` block
// says what a process gets, that; else what measured ones took, rounded up.
struct Demand {
  uint64_t actors = 0;
  uint64_t cores = 0;  // that they keep busy, those that compute
  uint64_t memory_bytes = 0;
  uint64_t replay_bytes = 0;  // of them
  uint64_t replay_items = 0;  // in full tables
  uint64_t open_files = 0;    // of the process that has most
  uint64_t threads = 0;
  uint32_t gpus = 0;
};

Demand DemandOf(const Plan& plan);

// The same against what there is: cores, memory, open files, threads. GPUs: CheckGpus
// (deploy/doctor/agent.h).
Findings CheckDemand(const Demand& demand, const Machine& machine);

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_DEMAND_H_
