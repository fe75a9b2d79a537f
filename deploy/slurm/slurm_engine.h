#ifndef DROVER_DEPLOY_SLURM_SLURM_ENGINE_H_
#define DROVER_DEPLOY_SLURM_SLURM_ENGINE_H_

#include <memory>

#include "deploy/engine.h"

namespace drover {

// Places a run's processes as jobs of Slurm (deploy/slurm/slurm_script.h), with the commands of
// $PATH: sinfo, sbatch, squeue, scancel. The run directory is on a file system that all nodes
// share.
//
// What is in the queue is what there is: jobs are found by their names, so that they outlive a
// launcher. Slurm itself requeues what loses its node and, where it is set up so, what is
// preempted; a job that is gone otherwise is submitted again, and one that is gone five times a
// minute fails the run.
std::unique_ptr<Engine> MakeSlurmEngine(const Placement& placement);

}  // namespace drover

#endif  // DROVER_DEPLOY_SLURM_SLURM_ENGINE_H_
