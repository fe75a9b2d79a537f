#ifndef DROVER_DEPLOY_SLURM_SLURM_SCRIPT_H_
#define DROVER_DEPLOY_SLURM_SLURM_SCRIPT_H_

#include <string>

#include "deploy/engine.h"

// The batch script of a role, which sbatch takes from Drover and from people alike.
//
// Coordinator, learner and evaluator are jobs, replay servers and actors tasks of arrays. A
// heterogeneous job would start all at one moment, but could not grow, and would end as a whole
// when one of its parts does; an array takes more tasks by another submission, and loses single
// ones.
namespace drover {

// What its jobs are called: squeue and scancel find them by it. `run_id`: of this launch.
std::string SlurmJobName(const std::string& run_id, Role::Kind role);

// "slurm/learner.sbatch", in the run directory.
std::string SlurmScriptPath(const std::string& run_dir, Role::Kind role);

// Whether its processes are tasks of an array, numbered by it.
bool IsSlurmArray(Role::Kind role);

std::string SlurmScript(const Placement& placement, const std::string& run_id, Role::Kind role);

}  // namespace drover

#endif  // DROVER_DEPLOY_SLURM_SLURM_SCRIPT_H_
